//! Fractions. addf, subf, mulf and divf count in decimals, so 0.1 and 0.2 are 0.3.

use super::cast::to_float64;
use super::decimal::Decimal;
use super::support::{Answer, any, fixed, int, rest, variadic};
use crate::function::Type::{Any, Float64, Int};
use crate::function::{Failure, Function};
use crate::value::Value;

pub(super) static FUNCTIONS: &[Function] = &[
    fixed("add1f", &[Any], |a| decimals(to_float64(any(a, 0)), &[Value::Int(1)], |x, y| Ok(x.add(y)))),
    variadic("addf", &[], Any, |a| decimals(0.0, a, |x, y| Ok(x.add(y)))),
    variadic("subf", &[Any], Any, |a| decimals(to_float64(any(a, 0)), rest(a, 1), |x, y| Ok(x.subtract(y)))),
    variadic("mulf", &[Any], Any, |a| decimals(to_float64(any(a, 0)), rest(a, 1), |x, y| Ok(x.multiply(y)))),
    variadic("divf", &[Any], Any, |a| decimals(to_float64(any(a, 0)), rest(a, 1), Decimal::divide)),
    variadic("maxf", &[Any], Any, |a| extreme(a, larger)),
    variadic("minf", &[Any], Any, |a| extreme(a, |x, y| -larger(-x, -y))),
    fixed("floor", &[Any], |a| Ok(to_float64(any(a, 0)).floor().into())),
    fixed("ceil", &[Any], |a| Ok(to_float64(any(a, 0)).ceil().into())),
    variadic("round", &[Any, Int], Float64, round),
];

fn decimals(start: f64, args: &[Value], apply: fn(&Decimal, &Decimal) -> Result<Decimal, Failure>) -> Answer {
    let mut out = Decimal::new(start)?;
    for value in args {
        out = apply(&out, &Decimal::new(to_float64(value))?)?;
        if out.is_huge() {
            return Err(Failure::unverifiable("a decimal of more than 10000 digits"));
        }
    }
    Ok(out.to_f64().into())
}

/// `math.Max`: not a number wins over all but infinity, 0 over -0.
fn larger(x: f64, y: f64) -> f64 {
    if x == f64::INFINITY || y == f64::INFINITY {
        return f64::INFINITY;
    }
    if x.is_nan() || y.is_nan() {
        return f64::NAN;
    }
    if x == 0.0 && y == 0.0 { if x.is_sign_negative() { y } else { x } } else { x.max(y) }
}

fn extreme(args: &[Value], pick: fn(f64, f64) -> f64) -> Answer {
    Ok(rest(args, 1).iter().map(to_float64).fold(to_float64(any(args, 0)), pick).into())
}

fn round(args: &[Value]) -> Answer {
    let round_on = any(args, 2).as_float().filter(|_| args.len() > 2).unwrap_or(0.5);
    let power = 10f64.powf(int(args, 1) as f64);
    let digits = power * to_float64(any(args, 0));
    let whole = if digits.fract() >= round_on { digits.ceil() } else { digits.floor() };
    Ok((whole / power).into())
}
