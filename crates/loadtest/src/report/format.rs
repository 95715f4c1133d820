//! Formatting of numbers and durations.

/// Formats a number with thousands separators and the given number of decimals.
pub fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::from(sign);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest
}

/// Formats microseconds in a unit that needs few digits.
pub fn micros(micros: f64) -> String {
    match micros {
        _ if micros < 99.95 => format!("{micros:.1} µs"),
        _ if micros < 999.5 => format!("{micros:.0} µs"),
        _ if micros < 99_950.0 => format!("{:.2} ms", micros / 1e3),
        _ if micros < 999_500.0 => format!("{:.0} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators() {
        let cases = [
            (0.0, 0, "0"),
            (999.4, 0, "999"),
            (999.6, 0, "1,000"),
            (1_234_567.89, 1, "1,234,567.9"),
            (-1_000.0, 0, "-1,000"),
        ];
        for (number, decimals, text) in cases {
            assert_eq!(grouped(number, decimals), text);
        }
    }

    #[test]
    fn durations_have_a_fitting_unit() {
        let cases = [
            (0.25, "0.2 µs"),
            (52.04, "52.0 µs"),
            (99.96, "100 µs"),
            (999.4, "999 µs"),
            (999.6, "1.00 ms"),
            (23_456.0, "23.46 ms"),
            (234_560.0, "235 ms"),
            (2_345_600.0, "2.35 s"),
        ];
        for (number, text) in cases {
            assert_eq!(micros(number), text);
        }
    }
}
