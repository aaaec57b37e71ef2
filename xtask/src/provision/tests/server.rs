//! A web server on loopback that answers as a test says, to show what happens to downloads.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What curl asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub path: String,
    /// First byte of a `Range: bytes=N-`.
    pub from: Option<usize>,
}

/// An answer, written as it is; afterwards the connection is closed, or kept open without a word.
pub struct Reply {
    head: String,
    body: Vec<u8>,
    hang: bool,
}

impl Reply {
    pub fn file(bytes: &[u8]) -> Self {
        Reply { head: format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len()), body: bytes.to_vec(), hang: false }
    }

    pub fn rest_of(bytes: &[u8], from: usize) -> Self {
        let (size, rest) = (bytes.len(), &bytes[from..]);
        let range = format!("Content-Range: bytes {from}-{}/{size}\r\nContent-Length: {}", size - 1, rest.len());
        Reply { head: format!("HTTP/1.1 206 Partial Content\r\n{range}\r\n\r\n"), body: rest.to_vec(), hang: false }
    }

    pub fn not_found() -> Self {
        Self::status("404 Not Found")
    }

    /// No file, for this reason.
    pub fn status(status: &str) -> Self {
        Reply { head: format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"), body: vec![], hang: false }
    }

    /// The headers promise everything, the body ends after `n` bytes.
    pub fn only(mut self, n: usize) -> Self {
        self.body.truncate(n);
        self
    }

    pub fn then_hang(mut self) -> Self {
        self.hang = true;
        self
    }
}

/// Runs until the test process ends.
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (seen, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (seen.clone(), answer.clone());
                std::thread::spawn(move || {
                    let request = read(&stream);
                    seen.lock().unwrap().push(request.clone());
                    write(stream, answer(&request));
                });
            }
        });
        Server { url, requests }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read(stream: &TcpStream) -> Request {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_string();
    let headers: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let range = headers.iter().find_map(|h| h.strip_prefix("Range: bytes=")?.strip_suffix('-'));
    Request { path, from: range.map(|n| n.parse().unwrap()) }
}

fn write(mut stream: TcpStream, reply: Reply) {
    // curl may have left already; that is for the test to notice.
    let _ = stream.write_all(reply.head.as_bytes()).and_then(|()| stream.write_all(&reply.body));
    if reply.hang {
        std::thread::sleep(std::time::Duration::from_secs(60));
    }
}
