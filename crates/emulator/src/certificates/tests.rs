use super::*;
use std::fs;
use std::path::Path;
use tempfile::tempdir;

/// Returns the day of the tests.
fn today() -> SystemTime {
    SystemTime::UNIX_EPOCH + DAY * 20_000
}

fn load(folder: &Path, now: SystemTime) -> (CertificateAuthority, AuthorityFiles) {
    CertificateAuthority::load_or_create_at(folder, now).unwrap()
}

#[test]
fn authority_is_kept_until_its_last_month() {
    let folder = tempdir().unwrap();
    let now = today();
    let (first, files) = load(&folder.path().join("a/ca"), now);
    assert_eq!(fs::read_to_string(&files.pem).unwrap(), first.pem);
    let folder = files.pem.parent().unwrap();
    for (days, is_kept) in [(0, true), (3_619, true), (3_621, false), (3_622, false)] {
        let (loaded, files) = load(folder, now + DAY * days);
        assert_eq!(loaded.pem == first.pem, is_kept, "after {days} days");
        assert_eq!(fs::read_to_string(files.pem).unwrap(), loaded.pem);
    }
}

#[test]
fn missing_or_altered_certificate_file_is_written_again() {
    let folder = tempdir().unwrap();
    let (first, files) = load(folder.path(), today());
    let trust_store = fs::read(&files.java_trust_store).unwrap();
    fs::write(&files.pem, "").unwrap();
    fs::remove_file(&files.java_trust_store).unwrap();
    load(folder.path(), today());
    assert_eq!(fs::read_to_string(&files.pem).unwrap(), first.pem);
    assert_eq!(fs::read(&files.java_trust_store).unwrap(), trust_store);
}

#[test]
fn concurrent_starts_end_with_one_authority() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("ca");
    let loaded: Vec<String> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(|| load(&path, today()).0.pem)).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert!(loaded.iter().all(|pem| *pem == loaded[0]));
}

#[test]
fn malformed_key_file_is_an_error_that_names_it() {
    let folder = tempdir().unwrap();
    let (_, files) = load(folder.path(), today());
    let key_file = files.pem.with_file_name("ca.key");
    let text = fs::read_to_string(&key_file).unwrap();
    for malformed in
        [String::new(), text.replace("# ", ""), text.replace("CERTIFICATE", "KEY"), text[..90].into()]
    {
        fs::write(&key_file, &malformed).unwrap();
        let error = CertificateAuthority::load_or_create(folder.path()).unwrap_err();
        assert!(
            matches!(&error, AuthorityError::Malformed(path) if *path == key_file),
            "{malformed}: {error}"
        );
    }
}

#[cfg(unix)]
#[test]
fn key_readable_by_others_is_rejected() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempdir().unwrap();
    let path = folder.path().join("ca");
    let (_, files) = load(&path, today());
    let key_file = path.join("ca.key");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&key_file), mode(&files.pem)), (0o700, 0o600, 0o644));
    assert_eq!(mode(&files.java_trust_store), 0o644);
    fs::set_permissions(&key_file, fs::Permissions::from_mode(0o640)).unwrap();
    let error = CertificateAuthority::load_or_create(&path).unwrap_err();
    assert!(matches!(&error, AuthorityError::TooPermissive(path) if *path == key_file), "{error}");
}

#[test]
fn host_has_one_configuration_until_its_renewal() {
    let now = today();
    let certificates =
        Certificates::new(CertificateAuthority::generate(now).unwrap(), Hosts::default()).unwrap();
    let config = |host, after| certificates.config(host, now + after).map(|config| Arc::as_ptr(&config));
    let served = Hosts::default().iter().next().unwrap().to_string();
    let first = config(&served, Duration::ZERO);
    assert!(first.is_some() && first == config(&served, DAY * 334));
    assert_ne!(first, config(&served, DAY * 336));
    assert!(config(LOCALHOST, DAY).is_some());
    for other in ["example.cn", "127.0.0.1", ""] {
        assert_eq!(config(other, DAY), None, "{other}");
    }
    assert_eq!(certificates.issued.lock().unwrap().len(), 2);
}
