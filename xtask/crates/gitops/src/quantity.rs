//! Kubernetes' quantities, such as `512Mi` and `250m`.

/// Returns the number that a quantity means: `250m` is 0.25, `512Mi` is 536870912.
///
/// Shape: a decimal number, then one of `n u m k M G T P E` (powers of 1000), `Ki` … `Ei` (powers of 1024), or an exponent.
/// `None` for what is no quantity.
/// Source: `resource.Quantity` of k8s.io/apimachinery 0.36.
pub fn parse(text: &str) -> Option<f64> {
    // `1e3` and `1E3` are exponents, `1E` is a suffix: what is a whole number for Rust is no suffix.
    if let Ok(number) = text.parse::<f64>() {
        return Some(number).filter(|number| number.is_finite() && text.ends_with(|c: char| c.is_ascii_digit() || c == '.'));
    }
    let end = text.find(|c: char| c.is_ascii_alphabetic())?;
    let (number, suffix) = text.split_at(end);
    let factor = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024f64.powi(2),
        "Gi" => 1024f64.powi(3),
        "Ti" => 1024f64.powi(4),
        "Pi" => 1024f64.powi(5),
        "Ei" => 1024f64.powi(6),
        _ => return None,
    };
    Some(number.parse::<f64>().ok()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_powers_of_1000_or_1024() {
        for (text, number) in
            [("1930m", 1.93), ("7Gi", 7_516_192_768.0), ("2", 2.0), ("0.5", 0.5), ("1k", 1000.0), ("1e3", 1000.0), ("1E", 1e18)]
        {
            assert_eq!(parse(text).unwrap(), number, "{text}");
        }
        for text in ["", "Gi", "1 Gi", "1gb", "nan", "inf", "1e999"] {
            assert!(parse(text).is_none(), "{text}");
        }
    }
}
