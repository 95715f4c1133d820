//! CPU time of processes, on systems with `/proc`.

use std::time::Duration;

/// Returns the CPU time of this process.
pub fn own_cpu_time() -> Option<Duration> {
    read_stat("/proc/self/stat")
}

/// Returns the CPU time of another process on this machine.
pub fn process_cpu_time(pid: u32) -> Option<Duration> {
    read_stat(&format!("/proc/{pid}/stat"))
}

fn read_stat(path: &str) -> Option<Duration> {
    std::fs::read_to_string(path).ok().and_then(|text| parse(&text, ticks_per_second()))
}

/// Parses user plus system time. The program name before them is in parentheses and may contain any character.
fn parse(text: &str, per_second: u32) -> Option<Duration> {
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let ticks: u32 = fields.next()?.parse::<u32>().ok()?.checked_add(fields.next()?.parse().ok()?)?;
    Some(Duration::from_secs(1) * ticks / per_second)
}

#[cfg(target_os = "linux")]
fn ticks_per_second() -> u32 {
    u32::try_from(rustix::param::clock_ticks_per_second()).unwrap_or(100).max(1)
}

#[cfg(not(target_os = "linux"))]
fn ticks_per_second() -> u32 {
    100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_parsed_behind_any_program_name() {
        let stat = "12 (a) b) S 1 12 12 0 -1 4194560 7 0 0 0 250 75 9 9 20 0 3 0 99 1 1";
        assert_eq!(parse(stat, 100), Some(Duration::from_millis(3_250)));
        assert_eq!(parse("12 (a) S 1 2", 100), None);
        assert_eq!(parse("", 100), None);
    }
}
