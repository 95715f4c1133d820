//! What of a private value is shown to its owner (D31).

use std::net::IpAddr;

/// The first `head` and the last `tail` characters, stars between. A value too short for that is all stars.
fn keep(value: &str, head: usize, tail: usize) -> String {
    let length = value.chars().count();
    let kept = |at: usize| length > head + tail && (at < head || at >= length - tail);
    value.chars().enumerate().map(|(at, letter)| if kept(at) { letter } else { '*' }).collect()
}

/// `153*****056`.
pub fn phone(phone: &str) -> String {
    keep(phone, 3, 3)
}

/// `144****@qq.com`.
pub fn mail(mail: &str) -> String {
    let (local, domain) = mail.rsplit_once('@').unwrap_or((mail, ""));
    let head: String = local.chars().take(3).collect();
    format!("{head}****@{domain}")
}

/// `*唯恺`.
pub fn name(name: &str) -> String {
    name.chars().enumerate().map(|(at, letter)| if at == 0 { '*' } else { letter }).collect()
}

/// `6***************17`.
pub fn card(card: &str) -> String {
    keep(card, 1, 2)
}

/// An address in 25: of IPv4 every digit of the last two octets a star, `36.40.***.**`; IPv6 as in [`ip_in_log`].
pub fn ip_in_notice(ip: IpAddr) -> String {
    let IpAddr::V4(v4) = ip else { return ip_in_log(ip) };
    let [a, b, c, d] = v4.octets();
    let stars = |octet: u8| "*".repeat(octet.to_string().len());
    format!("{a}.{b}.{}.{}", stars(c), stars(d))
}

/// An address in 26: the last two octets a star each, `108.181.*.*`; of IPv6 all but the first group, `240e:*:*:*:*:*:*:*`.
pub fn ip_in_log(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            format!("{a}.{b}.*.*")
        }
        IpAddr::V6(v6) => format!("{:x}{}", v6.segments()[0], ":*".repeat(7)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks() {
        type Mask = fn(&str) -> String;
        let cases: [(Mask, &str, &str); 12] = [
            (phone, "15312345056", "153*****056"),
            (phone, "+8615312345056", "+86********056"),
            (phone, "110110", "******"),
            (phone, "", ""),
            (mail, "1441234567@qq.com", "144****@qq.com"),
            (mail, "ab@x.cn", "ab****@x.cn"),
            (name, "陈唯恺", "*唯恺"),
            (name, "陈", "*"),
            (name, "", ""),
            (card, "610500200203051217", "6***************17"),
            (card, "123", "***"),
            (card, "", ""),
        ];
        for (mask, value, expected) in cases {
            assert_eq!(mask(value), expected, "{value}");
        }
    }

    #[test]
    fn addresses() {
        // address, in 25, in 26
        let cases = [
            ("36.40.120.15", "36.40.***.**", "36.40.*.*"),
            ("36.40.7.1", "36.40.*.*", "36.40.*.*"),
            ("108.181.22.170", "108.181.**.***", "108.181.*.*"),
            ("240e:3b7:1:2:3:4:5:6", "240e:*:*:*:*:*:*:*", "240e:*:*:*:*:*:*:*"),
            ("::1", "0:*:*:*:*:*:*:*", "0:*:*:*:*:*:*:*"),
        ];
        for (ip, notice, log) in cases {
            let ip = ip.parse().unwrap();
            assert_eq!((ip_in_notice(ip).as_str(), ip_in_log(ip).as_str()), (notice, log));
        }
    }
}
