//! Which job has which metrics: facts about other programs, each file with its source.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::targets::Targets;
use crate::error::{Context as _, Error, Result};
use crate::repo::{Repo, yaml};

const FOLDER: &str = "charts/monitoring/metrics";

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Type {
    Counter,
    Gauge,
    /// With the series `_bucket`, `_sum` and `_count`.
    Histogram,
}

/// What one job has, as far as somebody reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    job: String,
    /// The image whose metrics these are, where a chart here runs it.
    image: Option<String>,
    sources: Vec<String>,
    metrics: BTreeMap<String, Type>,
}

impl Job {
    fn series(&self) -> impl Iterator<Item = (&str, String)> {
        let of = |name: &str, kind: Type| match kind {
            Type::Counter | Type::Gauge => vec![name.to_string()],
            Type::Histogram => ["bucket", "sum", "count"].map(|part| format!("{name}_{part}")).to_vec(),
        };
        self.metrics.iter().flat_map(move |(name, kind)| of(name, *kind).into_iter().map(|series| (name.as_str(), series)))
    }
}

/// Every job that has a file.
pub struct Catalogue {
    jobs: Vec<Job>,
}

impl Catalogue {
    /// Errors: a file is not valid, names no source, or is not called after its job.
    pub fn read(repo: &Repo) -> Result<Self> {
        let mut jobs = Vec::new();
        for entry in std::fs::read_dir(repo.root().join(FOLDER)).with_context(|| format!("could not read {FOLDER}"))? {
            let path = entry?.path();
            let job: Job = yaml::read(&path)?;
            if path.file_stem().is_none_or(|stem| *stem != *job.job) || job.sources.is_empty() {
                return Err(Error::failed(format!("{} is called after its job and names its sources", repo.shown(&path))));
            }
            jobs.push(job);
        }
        jobs.sort_by(|a, b| a.job.cmp(&b.job));
        Ok(Catalogue { jobs })
    }

    fn jobs_with(&self, series: &str) -> Vec<&str> {
        self.jobs.iter().filter(|job| job.series().any(|(_, s)| s == series)).map(|job| job.job.as_str()).collect()
    }

    /// Series that nobody would have. `read`: by series, the places that read it.
    pub fn unanswered(&self, read: &BTreeMap<String, Vec<&str>>, scraped: &Targets) -> Vec<String> {
        let mut problems = Vec::new();
        for (series, places) in read {
            let jobs = self.jobs_with(series);
            let places = places.join("; ");
            if jobs.is_empty() {
                problems.push(format!("no file of {FOLDER} has `{series}`, read by {places}"));
            } else if !jobs.iter().any(|job| scraped.has(job)) {
                problems.push(format!("nothing scrapes the job {}, which has `{series}`, read by {places}", jobs.join(" or ")));
            }
        }
        problems
    }

    /// Files that were written for another image than the one that runs.
    pub fn outdated(&self, objects: &[Value], scraped: &Targets, env: &str) -> Vec<String> {
        let mut images = BTreeSet::new();
        objects.iter().for_each(|object| images_of(object, &mut images));
        let old = self.jobs.iter().filter(|job| scraped.has(&job.job));
        let old = old.filter_map(|job| Some((job, job.image.as_deref()?))).filter(|(_, image)| !images.contains(image));
        let what = |(job, image): (&Job, &str)| {
            let file = format!("{FOLDER}/{}.yaml", job.job);
            format!("{file} lists the metrics of {image}, which {env} does not run: read its source again, then change the file")
        };
        old.map(what).collect()
    }

    /// Metrics that nobody reads any more.
    pub fn unused(&self, used: &BTreeSet<String>) -> Vec<String> {
        let mut problems = Vec::new();
        for job in &self.jobs {
            let read: BTreeSet<&str> = job.series().filter(|(_, series)| used.contains(series)).map(|(name, _)| name).collect();
            let unread = job.metrics.keys().filter(|name| !read.contains(name.as_str()));
            problems.extend(unread.map(|name| format!("{FOLDER}/{}.yaml: nobody reads `{name}`", job.job)));
        }
        problems
    }
}

fn images_of<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(map) => {
            found.extend(map.get("image").and_then(Value::as_str));
            map.values().for_each(|v| images_of(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| images_of(v, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn catalogue() -> Catalogue {
        let job = yaml::parse("job: j\nimage: i:1\nsources: [s]\nmetrics: {h: histogram, g: gauge}").unwrap();
        Catalogue { jobs: vec![job] }
    }

    fn monitor() -> Value {
        json!({ "kind": "PodMonitor", "metadata": { "name": "j" }, "spec": { "selector": {}, "podMetricsEndpoints": [{}] } })
    }

    fn read(series: &[&str]) -> BTreeMap<String, Vec<&'static str>> {
        series.iter().map(|s| (s.to_string(), vec!["alert A"])).collect()
    }

    #[test]
    fn a_histogram_has_its_three_series_and_not_its_bare_name() {
        let problems = catalogue().unanswered(&read(&["g", "h", "h_bucket", "h_count", "h_sum"]), &Targets::of(&[monitor()]));
        assert_eq!(problems, ["no file of charts/monitoring/metrics has `h`, read by alert A"]);
    }

    #[test]
    fn without_its_monitor_a_metric_has_no_answer() {
        let problems = catalogue().unanswered(&read(&["g"]), &Targets::of(&[]));
        assert_eq!(problems, ["nothing scrapes the job j, which has `g`, read by alert A"]);
    }

    #[test]
    fn a_new_image_asks_for_a_look_at_its_metrics() {
        let runs = |image: &str| vec![monitor(), json!({ "spec": { "containers": [{ "image": image }] } })];
        let outdated = |image: &str| catalogue().outdated(&runs(image), &Targets::of(&[monitor()]), "dev").len();
        assert_eq!((outdated("i:1"), outdated("i:2")), (0, 1));
    }

    #[test]
    fn what_nobody_reads_is_no_part_of_it() {
        let used = BTreeSet::from(["h_sum".to_string()]);
        assert_eq!(catalogue().unused(&used), ["charts/monitoring/metrics/j.yaml: nobody reads `g`"]);
    }
}
