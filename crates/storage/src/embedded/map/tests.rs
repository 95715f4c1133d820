use super::*;
use crate::cards::Cards;
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn who_reads_the_log_and_who_grows_the_map_do_not_wait_for_each_other() {
    let home = tempfile::tempdir().unwrap();
    let (map, _log) = Map::open(home.path(), 0, Cards::new(0)).unwrap();
    let map = Arc::new(map);
    let (tell, told) = mpsc::channel();
    for grows in [false, true] {
        let (map, tell) = (Arc::clone(&map), tell.clone());
        std::thread::spawn(move || {
            for _ in 0..2000 {
                if grows {
                    map.remap(|size| size).unwrap();
                } else {
                    map.told(|_, _| Ok(())).unwrap();
                }
            }
            tell.send(()).unwrap();
        });
    }
    for _ in 0..2 {
        told.recv_timeout(Duration::from_mins(1)).expect("neither waits for ever");
    }
}
