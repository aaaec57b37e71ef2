//! Which texts go-yaml takes for a timestamp. Only an explicit `!!timestamp` asks.

/// The four layouts of go-yaml: a date, or a date and a time with `T`, `t` and a zone, or with a space and none.
pub fn is(text: &str) -> bool {
    let year_first = text.bytes().take_while(u8::is_ascii_digit).count() == 4 && text.as_bytes().get(4) == Some(&b'-');
    year_first && layout(text).is_some()
}

fn layout(text: &str) -> Option<()> {
    let year: u32 = text.get(..4)?.parse().ok()?;
    let (month, rest) = number(text.get(5..)?, 1..=12)?;
    let (day, rest) = number(rest.strip_prefix('-')?, 1..=31)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if day > days {
        return None;
    }
    if rest.is_empty() {
        return Some(());
    }
    let zoned = rest.starts_with(['T', 't']);
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (_, rest) = number(rest, 0..=23)?;
    let (_, rest) = number(rest.strip_prefix(':')?, 0..=59)?;
    let (_, rest) = number(rest.strip_prefix(':')?, 0..=59)?;
    let rest = match rest.strip_prefix(['.', ',']) {
        Some(fraction) => {
            let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
            fraction.get(digits..).filter(|_| digits > 0)?
        }
        None => rest,
    };
    let whole = if zoned { zone(rest)? } else { rest.is_empty() };
    whole.then_some(())
}

/// One or two digits, and what is behind them.
fn number(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<(u32, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(digits)?;
    let number = number.parse().ok().filter(|n| range.contains(n))?;
    Some((number, rest))
}

fn zone(text: &str) -> Option<bool> {
    if text == "Z" {
        return Some(true);
    }
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_once(':')?;
    let two =
        |text: &str, max: u32| text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit()) && text.parse().is_ok_and(|n: u32| n <= max);
    Some(two(hours, 24) && two(minutes, 60))
}
