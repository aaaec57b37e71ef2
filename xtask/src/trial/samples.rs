//! Repeated measurements of one thing, and the table that they become.

use std::time::Duration;

use crate::ui::Table;

/// What was measured, how often, and what it should be.
pub struct Samples {
    name: String,
    times: Vec<Duration>,
    /// The bar, for people; nothing fails by it.
    bar: &'static str,
}

impl Samples {
    pub fn new(name: &str, bar: &'static str) -> Self {
        Samples { name: name.to_string(), times: Vec::new(), bar }
    }

    pub fn add(&mut self, time: Duration) {
        self.times.push(time);
    }

    /// Smallest, median (the mean of the middle two of an even number) and largest; `None` without a sample.
    pub fn spread(&self) -> Option<(Duration, Duration, Duration)> {
        let mut sorted = self.times.clone();
        sorted.sort();
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2 };
        Some((first, median, last))
    }
}

/// A row per measurement; those without a sample are left out.
pub fn table(all: &[Samples]) -> Table {
    let mut table = Table::new(&["MEASURED", "RUNS", "MEDIAN", "MIN", "MAX", "BAR"]);
    for samples in all {
        if let Some((min, median, max)) = samples.spread() {
            let cells = [samples.times.len().to_string(), exact(median), exact(min), exact(max), samples.bar.to_string()];
            table.row([samples.name.clone()].into_iter().chain(cells));
        }
    }
    table
}

/// Milliseconds below a second, else seconds with two digits.
pub fn exact(time: Duration) -> String {
    if time < Duration::from_secs(1) { format!("{:.1} ms", time.as_secs_f64() * 1e3) } else { format!("{:.2} s", time.as_secs_f64()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        let mut samples = Samples::new("x", "");
        [4, 1, 3, 2].into_iter().for_each(|s| samples.add(Duration::from_secs(s)));
        assert_eq!(samples.spread(), Some((Duration::from_secs(1), Duration::from_millis(2500), Duration::from_secs(4))));
        assert_eq!(exact(Duration::from_micros(8400)), "8.4 ms");
    }
}
