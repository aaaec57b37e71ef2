//! A stand-in for Prometheus on loopback: answers instant queries by a rule, and remembers every one.
//!
//! It evaluates nothing. What an answer means is the business of whoever gives the rule.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::json;

use crate::error::{Context as _, Result};

/// A query as it arrived, and what it got; `None` when the rule had no answer.
#[derive(Clone, Debug)]
pub struct Asked {
    pub query: String,
    pub answer: Option<f64>,
}

/// Gives the one value of a query's vector.
type Rule = Box<dyn FnMut(&str) -> Option<f64> + Send>;

pub struct StandIn {
    address: String,
    rule: Arc<Mutex<Rule>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl StandIn {
    /// Listens on a free port of loopback until it is dropped. It knows no answer yet. Errors: no port.
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("could not listen on loopback")?;
        listener.set_nonblocking(true)?;
        let address = format!("http://{}", listener.local_addr()?);
        let rule: Arc<Mutex<Rule>> = Arc::new(Mutex::new(Box::new(|_| None)));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let (rule, asked, stop) = (rule.clone(), asked.clone(), stop.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::SeqCst) {
                    match listener.accept() {
                        // One that hangs up half-way asks again.
                        Ok((stream, _)) => drop(serve(stream, &rule, &asked)),
                        Err(_) => std::thread::sleep(Duration::from_millis(5)),
                    }
                }
            })
        };
        Ok(StandIn { address, rule, asked, stop, thread: Some(thread) })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Answers by `rule` from now on, and forgets what was asked before.
    pub fn answer_by(&self, rule: impl FnMut(&str) -> Option<f64> + Send + 'static) {
        *self.rule.lock().unwrap_or_else(|e| e.into_inner()) = Box::new(rule);
        self.asked.lock().unwrap_or_else(|e| e.into_inner()).clear();
    }

    /// Every query since the rule was given, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers one request; Prometheus's API wants `query` in the address (GET) or in a form (POST).
/// Source: prometheus.io/docs/prometheus/latest/querying/api, "Instant queries".
fn serve(stream: TcpStream, rule: &Mutex<Rule>, asked: &Mutex<Vec<Asked>>) -> std::io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut reader = BufReader::new(&stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = request.split_whitespace().nth(1).unwrap_or_default();
    let (path, parameters) = target.split_once('?').unwrap_or((target, ""));
    let form = format!("{parameters}&{}", String::from_utf8_lossy(&body));
    let query = form.split('&').find_map(|pair| pair.strip_prefix("query=")).map(decode);
    let answer = match (path, &query) {
        ("/api/v1/query", Some(query)) => (rule.lock().unwrap_or_else(|e| e.into_inner()))(query),
        _ => None,
    };
    let query = query.unwrap_or_else(|| request.trim().to_string());
    asked.lock().unwrap_or_else(|e| e.into_inner()).push(Asked { query, answer });
    let (status, body) = match answer {
        Some(value) => {
            let vector = json!([{ "metric": {}, "value": [0, value.to_string()] }]);
            ("200 OK", json!({ "status": "success", "data": { "resultType": "vector", "result": vector } }))
        }
        None => ("422 Unprocessable Entity", json!({ "status": "error", "errorType": "execution", "error": "no rule" })),
    };
    let body = body.to_string();
    write!(
        &stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Text of a form field: `+` is a space, `%41` is `A`.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        match (first, code()) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
                continue;
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(*byte),
        }
        rest = after;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(stand_in: &StandIn, request: &str) -> String {
        let mut stream = TcpStream::connect(stand_in.address().trim_start_matches("http://")).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_form_and_an_address_are_answered_and_remembered() {
        let stand_in = StandIn::start().unwrap();
        stand_in.answer_by(|query| (query == r#"up{a="b"} * 1"#).then_some(0.25));
        let form = "query=up%7Ba%3D%22b%22%7D+%2A+1&time=5";
        let post = format!("POST /api/v1/query HTTP/1.1\r\nContent-Length: {}\r\n\r\n{form}", form.len());
        assert!(ask(&stand_in, &post).contains(r#""value":[0,"0.25"]"#));
        assert!(ask(&stand_in, &format!("GET /api/v1/query?{form} HTTP/1.1\r\n\r\n")).starts_with("HTTP/1.1 200"));
        assert!(ask(&stand_in, "GET /api/v1/query?query=down HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 422"));
        let answers: Vec<Option<f64>> = stand_in.asked().iter().map(|a| a.answer).collect();
        assert_eq!(answers, [Some(0.25), Some(0.25), None]);
    }
}
