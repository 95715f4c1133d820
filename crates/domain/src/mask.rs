//! Masks of private values that their owner sees (D31).

use std::net::IpAddr;

/// Masks all but the first `head` and the last `tail` characters with stars. A shorter value becomes all stars.
fn mask_middle(value: &str, head: usize, tail: usize) -> String {
    let length = value.chars().count();
    let is_shown = |index: usize| length > head + tail && (index < head || index >= length - tail);
    value.chars().enumerate().map(|(index, c)| if is_shown(index) { c } else { '*' }).collect()
}

/// Returns a masked phone: `153*****056`.
pub fn mask_phone(phone: &str) -> String {
    mask_middle(phone, 3, 3)
}

/// Returns a masked mail address: `144****@qq.com`.
pub fn mask_mail(mail: &str) -> String {
    let (local, domain) = mail.rsplit_once('@').unwrap_or((mail, ""));
    let head: String = local.chars().take(3).collect();
    format!("{head}****@{domain}")
}

/// Returns a masked real name: `*唯恺`.
pub fn mask_name(name: &str) -> String {
    name.chars().enumerate().map(|(index, c)| if index == 0 { '*' } else { c }).collect()
}

/// Returns a masked document number: `6***************17`.
pub fn mask_card_number(card: &str) -> String {
    mask_middle(card, 1, 2)
}

/// Returns a masked IP address for `GET /x/safecenter/login_notice`. In IPv4, each digit of the last two octets
/// becomes a star: `36.40.***.**`. IPv6 is masked as in [`mask_ip_in_log`].
pub fn mask_ip_in_notice(ip: IpAddr) -> String {
    let IpAddr::V4(v4) = ip else { return mask_ip_in_log(ip) };
    let [a, b, c, d] = v4.octets();
    let stars = |octet: u8| "*".repeat(octet.to_string().len());
    format!("{a}.{b}.{}.{}", stars(c), stars(d))
}

/// Returns a masked IP address for `GET /x/member/web/login/log`. In IPv4, each of the last two octets becomes a
/// star: `108.181.*.*`. In IPv6, all groups but the first: `240e:*:*:*:*:*:*:*`.
pub fn mask_ip_in_log(ip: IpAddr) -> String {
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
    fn private_values_are_masked() {
        type Mask = fn(&str) -> String;
        let cases: [(Mask, &str, &str); 12] = [
            (mask_phone, "15312345056", "153*****056"),
            (mask_phone, "+8615312345056", "+86********056"),
            (mask_phone, "110110", "******"),
            (mask_phone, "", ""),
            (mask_mail, "1441234567@qq.com", "144****@qq.com"),
            (mask_mail, "ab@x.cn", "ab****@x.cn"),
            (mask_name, "陈唯恺", "*唯恺"),
            (mask_name, "陈", "*"),
            (mask_name, "", ""),
            (mask_card_number, "610500200203051217", "6***************17"),
            (mask_card_number, "123", "***"),
            (mask_card_number, "", ""),
        ];
        for (mask, value, expected) in cases {
            assert_eq!(mask(value), expected, "{value}");
        }
    }

    #[test]
    fn ip_addresses_are_masked() {
        // address, in the notice, in the log
        let cases = [
            ("36.40.120.15", "36.40.***.**", "36.40.*.*"),
            ("36.40.7.1", "36.40.*.*", "36.40.*.*"),
            ("108.181.22.170", "108.181.**.***", "108.181.*.*"),
            ("240e:3b7:1:2:3:4:5:6", "240e:*:*:*:*:*:*:*", "240e:*:*:*:*:*:*:*"),
            ("::1", "0:*:*:*:*:*:*:*", "0:*:*:*:*:*:*:*"),
        ];
        for (ip, notice, log) in cases {
            let ip = ip.parse().unwrap();
            assert_eq!((mask_ip_in_notice(ip).as_str(), mask_ip_in_log(ip).as_str()), (notice, log));
        }
    }
}
