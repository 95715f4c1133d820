//! The log of `guanxi serve` on standard error.

use crate::program::{TestDir, guanxi, http_client};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// Serves a request without a parameter. Returns the lines that its log has from then on.
async fn log_of_a_request(environment: &[(&str, &str)]) -> Vec<Value> {
    let folder = TestDir::new();
    let mut command = guanxi(&["serve", "--listen", "127.0.0.1:0", "--data-dir", &folder.path("data")]);
    command.env("GUANXI_LOG_FORMAT", "json").envs(environment.iter().copied()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut entries = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let address = entries.find_map(|entry| entry["fields"]["address"].as_str().map(str::to_owned)).unwrap();
    let request =
        http_client().get(format!("http://{address}/x/relation/stat")).header("x-request-id", "abc");
    request.send().await.unwrap();
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    let entries = entries.collect();
    assert!(child.wait().unwrap().success());
    entries
}

#[tokio::test]
async fn access_log_obeys_its_setting_and_the_level() {
    let cases = [
        (("GUANXI_ACCESS_LOG", "true"), 1),
        (("GUANXI_ACCESS_LOG", "false"), 0),
        (("GUANXI_LOG_LEVEL", "info,guanxi_server::access=warn"), 0),
    ];
    for (variable, count) in cases {
        let entries = log_of_a_request(&[variable]).await;
        let lines: Vec<_> =
            entries.iter().filter(|entry| entry["target"] == "guanxi_server::access").collect();
        assert_eq!(lines.len(), count, "{variable:?}: {entries:?}");
        assert!(lines.iter().all(|line| line["fields"]["id"] == "abc" && line["fields"]["code"] == -400));
    }
}

#[tokio::test]
async fn log_line_of_a_request_has_its_id() {
    let entries = log_of_a_request(&[("GUANXI_LOG_LEVEL", "info,guanxi_server=debug")]).await;
    let rejected = entries.iter().find(|entry| entry["fields"]["message"] == "request rejected").unwrap();
    let span = ["id", "method", "endpoint", "name"].map(|name| rejected["span"][name].as_str().unwrap());
    assert_eq!(span, ["abc", "GET", "/x/relation/stat", "request"]);
}
