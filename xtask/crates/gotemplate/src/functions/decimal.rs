//! Decimal numbers of any length, as github.com/shopspring/decimal counts.

use std::cmp::Ordering;

use crate::function::Failure;

/// `± digits × 10^exponent`; digits with the most significant first, none for zero.
#[derive(Clone, Debug)]
pub(super) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i32,
}

/// Digits after the point that a division keeps.
const PRECISION: i32 = 16;

impl Decimal {
    /// The shortest decimal that reads as `n`. Errors: infinite, not a number.
    pub(super) fn new(n: f64) -> Result<Self, Failure> {
        if !n.is_finite() {
            let text = if n.is_nan() {
                "NaN"
            } else if n > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(Failure::Error(format!("Cannot create a Decimal from {text}")));
        }
        let text = format!("{:e}", n.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let exponent = exponent.parse::<i32>().unwrap_or_default() - i32::try_from(fraction).unwrap_or_default();
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
        Ok(Self::normal(n < 0.0, digits, exponent))
    }

    fn normal(negative: bool, digits: Vec<u8>, exponent: i32) -> Self {
        let digits: Vec<u8> = digits.into_iter().skip_while(|digit| *digit == 0).collect();
        Self { negative: negative && !digits.is_empty(), digits, exponent }
    }

    pub(super) fn is_huge(&self) -> bool {
        self.digits.len() > 10_000 || self.exponent.unsigned_abs() > 10_000
    }

    /// The nearest float64.
    pub(super) fn to_f64(&self) -> f64 {
        if self.digits.is_empty() {
            return 0.0;
        }
        let digits: String = self.digits.iter().map(|digit| char::from(b'0' + digit)).collect();
        format!("{}{digits}e{}", if self.negative { "-" } else { "" }, self.exponent).parse().unwrap_or_default()
    }

    /// The digits with the point moved to `exponent`, which is not above its own.
    fn scaled(&self, exponent: i32) -> Vec<u8> {
        let mut digits = self.digits.clone();
        if !digits.is_empty() {
            digits.resize(digits.len() + (self.exponent - exponent).max(0) as usize, 0);
        }
        digits
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let (one, two) = (self.scaled(exponent), other.scaled(exponent));
        if self.negative == other.negative {
            return Self::normal(self.negative, plus(&one, &two), exponent);
        }
        match compare(&one, &two) {
            Ordering::Less => Self::normal(other.negative, minus(&two, &one), exponent),
            _ => Self::normal(self.negative, minus(&one, &two), exponent),
        }
    }

    pub(super) fn subtract(&self, other: &Self) -> Self {
        self.add(&Self { negative: !other.negative, ..other.clone() })
    }

    pub(super) fn multiply(&self, other: &Self) -> Self {
        let mut sums = vec![0u32; self.digits.len() + other.digits.len()];
        for (i, one) in self.digits.iter().rev().enumerate() {
            let mut carry = 0;
            for (k, two) in other.digits.iter().rev().enumerate() {
                if let Some(sum) = sums.get_mut(i + k) {
                    let value = *sum + u32::from(*one) * u32::from(*two) + carry;
                    *sum = value % 10;
                    carry = value / 10;
                }
            }
            if let Some(sum) = sums.get_mut(i + other.digits.len()) {
                *sum += carry;
            }
        }
        let digits = sums.iter().rev().map(|digit| *digit as u8).collect();
        Self::normal(self.negative != other.negative, digits, self.exponent + other.exponent)
    }

    /// To 16 digits after the point, half away from zero.
    pub(super) fn divide(&self, other: &Self) -> Result<Self, Failure> {
        if other.digits.is_empty() {
            return Err(Failure::error("decimal division by 0"));
        }
        let shift = self.exponent - other.exponent + PRECISION;
        let (mut above, mut below) = (self.digits.clone(), other.digits.clone());
        let longer = if shift >= 0 { &mut above } else { &mut below };
        longer.resize(longer.len() + shift.unsigned_abs() as usize, 0);
        let (mut quotient, mut left) = (Vec::with_capacity(above.len()), Vec::new());
        for digit in above {
            left.push(digit);
            left = left.into_iter().skip_while(|digit| *digit == 0).collect();
            let mut times = 0;
            while compare(&left, &below) != Ordering::Less {
                left = minus(&left, &below);
                times += 1;
            }
            quotient.push(times);
        }
        if compare(&plus(&left, &left), &below) != Ordering::Less {
            quotient = plus(&quotient, &[1]);
        }
        Ok(Self::normal(self.negative != other.negative, quotient, -PRECISION))
    }
}

fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == 0).count();
    digits.get(zeros..).unwrap_or_default()
}

fn compare(one: &[u8], two: &[u8]) -> Ordering {
    let (one, two) = (significant(one), significant(two));
    one.len().cmp(&two.len()).then_with(|| one.cmp(two))
}

fn plus(one: &[u8], two: &[u8]) -> Vec<u8> {
    let (mut out, mut carry) = (Vec::new(), 0);
    for at in 0..one.len().max(two.len()) {
        let digit = |digits: &[u8]| digits.iter().rev().nth(at).copied().unwrap_or_default();
        let sum = digit(one) + digit(two) + carry;
        out.push(sum % 10);
        carry = sum / 10;
    }
    out.push(carry);
    out.reverse();
    out
}

/// `one` is not smaller.
fn minus(one: &[u8], two: &[u8]) -> Vec<u8> {
    let (mut out, mut borrow) = (Vec::new(), 0);
    for at in 0..one.len() {
        let digit = |digits: &[u8]| digits.iter().rev().nth(at).copied().unwrap_or_default();
        let (high, low) = (digit(one), digit(two) + borrow);
        borrow = u8::from(high < low);
        out.push(high + 10 * borrow - low);
    }
    out.reverse();
    significant(&out).to_vec()
}
