//! Random moments that can be had again: the seed is printed with the results.

use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to choose moments.
pub struct Moments(u64);

impl Moments {
    pub fn new(seed: u64) -> Self {
        Moments(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A moment before `end`, all equally likely.
    pub fn within(&mut self, end: Duration) -> Duration {
        // 53 bits: what a float holds exactly.
        end.mul_f64((self.next() >> 11) as f64 / (1u64 << 53) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_moments_again_and_all_of_them_within_the_limit() {
        let end = Duration::from_secs(40);
        let draw = |seed| {
            let mut moments = Moments::new(seed);
            (0..200).map(|_| moments.within(end)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!(draw(7).iter().all(|m| *m < end));
        assert!(draw(7).iter().any(|m| *m < end / 10) && draw(7).iter().any(|m| *m > end / 10 * 9));
    }
}
