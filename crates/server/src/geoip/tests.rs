use super::xdb::tests::file;
use super::*;

fn location(name: &str, isp: &str) -> Location {
    Location { name: name.into(), isp: isp.into() }
}

#[test]
fn public_addresses_have_locations() {
    let geoip = GeoIp::built_in();
    let cases = [
        ("36.40.120.1", "中国陕西渭南", "电信"),
        ("::ffff:36.40.120.1", "中国陕西渭南", "电信"),
        ("202.96.128.86", "中国广东广州", "电信"),
        ("219.141.136.10", "中国北京", "电信"),
        ("202.112.0.35", "中国北京", "教育网"),
        ("210.22.70.3", "中国上海", "联通"),
        ("61.128.128.68", "中国重庆", "电信"),
        ("211.138.180.2", "中国安徽合肥", "移动"),
        ("61.139.200.9", "中国广西梧州", "电信"),
        ("221.7.128.68", "中国广西南宁", "联通"),
        ("61.128.114.133", "中国新疆乌鲁木齐", "电信"),
        ("36.48.128.0", "中国吉林吉林", "电信"),
        ("223.5.5.5", "中国浙江杭州", "阿里云"),
        ("114.114.114.114", "中国江苏南京", ""),
        ("168.95.1.1", "中国台湾", "中华电信"),
        ("203.80.96.10", "中国香港", "香港宽频"),
        ("202.175.3.8", "中国澳门", "澳门电讯"),
        ("108.181.22.170", "加拿大艾伯塔埃德蒙顿", "Telus"),
        ("133.11.0.1", "日本东京都东京", ""),
        ("165.21.83.88", "新加坡", "新加坡电信"),
        ("194.168.4.100", "英国Surrey", ""),
        ("8.8.8.8", "美国", "Level3"),
    ];
    for (ip, at, isp) in cases {
        assert_eq!(geoip.locate(ip.parse().unwrap()), location(at, isp), "{ip}");
    }
}

#[test]
fn private_and_reserved_addresses_have_no_location() {
    let geoip = GeoIp::built_in();
    let cases = [
        ("10.0.0.1", "局域网"),
        ("172.16.0.1", "局域网"),
        ("172.31.255.255", "局域网"),
        ("192.168.1.2", "局域网"),
        ("127.0.0.1", "局域网"),
        ("169.254.9.9", "局域网"),
        ("::ffff:192.168.1.2", "局域网"),
        ("::1", "局域网"),
        ("fd00::1", "局域网"),
        ("fe80::1", "局域网"),
        ("0.0.0.0", ""),
        ("198.51.100.7", ""),
        ("203.0.113.7", ""),
        ("224.0.0.1", ""),
        ("255.255.255.255", ""),
        ("::", ""),
        ("240e:3b7::1", ""),
    ];
    for (ip, at) in cases {
        assert_eq!(geoip.locate(ip.parse().unwrap()), location(at, ""), "{ip}");
    }
}

#[test]
fn regions_of_all_formats_are_parsed() {
    // region, format version, location, provider
    let cases = [
        ("中国|0|陕西省|渭南市|电信", 2, "中国陕西渭南", "电信"),
        ("中国|陕西省|渭南市|电信", 3, "中国陕西渭南", "电信"),
        ("中国|陕西省|渭南市|电信|CN", 3, "中国陕西渭南", "电信"),
        ("中国|陕西省|渭南市|电信|CN", 2, "中国陕西渭南", "电信"),
        ("中国|0|广西|梧州市|电信", 2, "中国广西梧州", "电信"),
        ("中国|广西壮族自治区|梧州市|电信|CN", 3, "中国广西梧州", "电信"),
        ("中国|新疆维吾尔自治区|昌吉|移动|CN", 3, "中国新疆昌吉", "移动"),
        ("中国|宁夏回族自治区|银川市|0|CN", 3, "中国宁夏银川", ""),
        ("中国|内蒙古自治区|兴安盟|联通|CN", 3, "中国内蒙古兴安盟", "联通"),
        ("中国|0|四川省|阿坝藏族羌族自治州|移动", 2, "中国四川阿坝藏族羌族自治州", "移动"),
        ("中国|香港特别行政区|0|0|CN", 3, "中国香港", ""),
        ("中国|0|台湾省|彰化县|台湾固网", 2, "中国台湾彰化县", "台湾固网"),
        ("中国|0|北京|北京市|联通", 2, "中国北京", "联通"),
        ("中国|北京市|北京市|联通|CN", 3, "中国北京", "联通"),
        ("中国|0|吉林省|吉林市|联通", 2, "中国吉林吉林", "联通"),
        ("中国|0|河北省|0|0", 2, "中国河北", ""),
        ("中国|0|0|0|教育网", 2, "中国", "教育网"),
        ("中国|0|湖北省|沙市|0", 2, "中国湖北沙市", ""),
        ("日本|0|广岛县|0|日本电信电话", 2, "日本广岛县", "日本电信电话"),
        ("马来西亚|0|玻璃市|0|马来西亚电信", 2, "马来西亚玻璃市", "马来西亚电信"),
        ("韩国|0|首尔|首尔|0", 2, "韩国首尔", ""),
        ("新加坡|0|新加坡|新加坡|0", 2, "新加坡", ""),
        ("法国|0|Loire-Atlantique|0|橘子电信", 2, "法国Loire-Atlantique", "橘子电信"),
        ("印度尼西亚|0|雅加达|0|XL", 2, "印度尼西亚雅加达", "XL"),
        ("Australia|Queensland|Brisbane|Telstra|AU", 3, "Australia Queensland Brisbane", "Telstra"),
        ("Australia|0|0|0|AU", 3, "Australia", ""),
        ("0|0|0|内网IP|内网IP", 2, "", ""),
        ("0|0|0|内网IP|TPG电信", 2, "", ""),
        ("0|0|Reserved|Reserved|Reserved", 3, "", ""),
        ("", 2, "", ""),
        ("中国", 2, "", ""),
        ("||||", 2, "", ""),
        ("中国|1|2|3|4|5|6", 3, "", ""),
    ];
    for (region, version, at, isp) in cases {
        assert_eq!(parse_region(region, version), location(at, isp), "{region}");
    }
}

#[test]
fn file_replaces_or_supplements_the_built_in_data() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("v6.xdb");
    let of_ipv6 = file(3, &[("240e::", "240e:ffff::", "中国|陕西省|渭南市|电信|CN")]);
    std::fs::write(&path, &of_ipv6).unwrap();
    let geoip = GeoIp::open(&path).unwrap();
    assert_eq!(geoip.locate("240e:3b7::1".parse().unwrap()), location("中国陕西渭南", "电信"));
    // IPv4 addresses are still found in the built-in data.
    for ip in ["36.40.120.1", "::ffff:36.40.120.1"] {
        assert_eq!(geoip.locate(ip.parse().unwrap()), location("中国陕西渭南", "电信"), "{ip}");
    }
    assert_eq!(geoip.locate("fe80::1".parse().unwrap()), location("局域网", ""));
    assert_eq!(format!("{geoip:?}"), "GeoIp(IPv4 built in; IPv6, 1 segments)");

    let of_ipv4 = path.with_file_name("v4.xdb");
    std::fs::write(&of_ipv4, file(3, &[("36.40.0.0", "36.40.255.255", "日本|0|广岛县|0|JP")])).unwrap();
    let geoip = GeoIp::open(&of_ipv4).unwrap();
    assert_eq!(geoip.locate("36.40.120.1".parse().unwrap()).isp, "");
    assert_eq!(geoip.locate("240e:3b7::1".parse().unwrap()), Location::default());
    assert_eq!(format!("{geoip:?}"), "GeoIp(IPv4, 1 segments)");

    std::fs::write(&path, &of_ipv6[..of_ipv6.len() - 1]).unwrap();
    let error = GeoIp::open(&path).unwrap_err().to_string();
    assert!(error.contains("v6.xdb") && error.contains("are not within the file"), "{error}");
    let error = GeoIp::open(&directory.path().join("none")).unwrap_err().to_string();
    assert!(error.contains("none\" cannot be read"), "{error}");
}

#[test]
fn debug_output_does_not_decompress_the_data() {
    assert_eq!(format!("{:?}", GeoIp::built_in()), "GeoIp(IPv4 built in)");
}

/// Compares lookups with another implementation of the format. It reads IPv6 addresses as little-endian, unlike the
/// format's authors, so only IPv4 is compared.
#[test]
fn lookups_agree_with_another_implementation() {
    let bytes = zstd::decode_all(COMPRESSED).unwrap();
    let xdb = BUILT_IN.as_ref().unwrap();
    let edges = [0, 1, 0xffff, 0x1_0000, u32::MAX - 1, u32::MAX];
    // The multiples of an odd constant are spread over all addresses.
    let spread = (0..20_000_u32).map(|step| step.wrapping_mul(2_654_435_769));
    for address in edges.into_iter().chain(spread) {
        let expected = xdb_parse::search_by_uint(address, &bytes).unwrap();
        assert_eq!(xdb.region(IpAddr::V4(address.into())), Some(expected), "{address}");
    }
}
