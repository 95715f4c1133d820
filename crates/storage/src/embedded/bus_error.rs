//! The handler of SIGBUS. The kernel sends this signal for an access to a mapped file that the disk cannot serve.

use std::io;

/// Installs a handler that names the file on standard error and ends the process with an exit code. The default
/// action of the signal ends the process without a word.
#[cfg(not(target_os = "linux"))]
pub fn install_handler(_: u8) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
pub use linux::install_handler;

#[cfg(target_os = "linux")]
mod linux {
    use super::io;
    use libc::{c_int, c_void, siginfo_t};
    use rustix::fs::{CWD, Mode, OFlags};
    use std::sync::atomic::AtomicU8;
    use std::sync::atomic::Ordering::Relaxed;

    /// The exit code of a process that the handler ends.
    static EXIT_CODE: AtomicU8 = AtomicU8::new(1);

    /// Installs a handler that names the file on standard error and ends the process with an exit code. The default
    /// action of the signal ends the process without a word.
    pub fn install_handler(exit_code: u8) -> io::Result<()> {
        EXIT_CODE.store(exit_code, Relaxed);
        // SAFETY: zeros are a valid `sigaction`: no flags and an empty mask. The handler makes only system calls
        // and uses only its own stack, so it may interrupt any code.
        #[expect(unsafe_code, reason = "the standard library has no call to install a handler")]
        let result = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_bus_error as *const () as usize;
            // A second SIGBUS in the handler ends the process.
            action.sa_flags = libc::SA_SIGINFO | libc::SA_RESETHAND;
            libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut())
        };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    extern "C" fn on_bus_error(_: c_int, info: *mut siginfo_t, _: *mut c_void) {
        // SAFETY: the kernel passes a valid `siginfo_t`, which has an address for this signal.
        #[expect(unsafe_code, reason = "the address is a field of a C union")]
        let address = unsafe { (*info).si_addr() } as usize;
        report(address);
        // SAFETY: `_exit` has no preconditions. It runs no destructor, which could wait for this thread.
        #[expect(unsafe_code, reason = "`std::process::exit` is not allowed in a signal handler")]
        unsafe {
            libc::_exit(EXIT_CODE.load(Relaxed).into())
        }
    }

    /// The longest line that is read or written, in bytes.
    const MAX_LINE: usize = 4096 + 512;

    /// Text on the stack. Bytes beyond its size are dropped.
    struct Text {
        bytes: [u8; MAX_LINE],
        len: usize,
    }

    impl Text {
        fn new() -> Text {
            Text { bytes: [0; MAX_LINE], len: 0 }
        }

        fn push(&mut self, bytes: &[u8]) {
            for byte in bytes {
                if let Some(free) = self.bytes.get_mut(self.len) {
                    *free = *byte;
                    self.len += 1;
                }
            }
        }

        fn as_bytes(&self) -> &[u8] {
            self.bytes.get(..self.len).unwrap_or_default()
        }
    }

    /// Writes one line that names the file which is mapped at an address. Allocates nothing and takes no lock.
    fn report(address: usize) {
        let mut line = Text::new();
        find_mapping(address, &mut line);
        let mut message = Text::new();
        message.push(b"guanxi: SIGBUS: the disk could not serve an access to ");
        message.push(mapped_file(line.as_bytes()).unwrap_or(b"memory"));
        message.push(b": it is full or failing, or the file was truncated. ");
        message.push(b"Acknowledged writes are in the WAL. Repair the disk, then start again\n");
        let _ = rustix::io::write(rustix::stdio::stderr(), message.as_bytes());
    }

    /// Copies the line of the process's mappings that contains an address. Copies nothing if there is none.
    fn find_mapping(address: usize, line: &mut Text) {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let Ok(maps) = rustix::fs::openat(CWD, c"/proc/self/maps", flags, Mode::empty()) else { return };
        let mut chunk = [0; 1024];
        while let Ok(read @ 1..) = rustix::io::read(&maps, &mut chunk) {
            for byte in chunk.get(..read).unwrap_or_default() {
                if *byte != b'\n' {
                    line.push(&[*byte]);
                } else if contains(line.as_bytes(), address) {
                    return;
                } else {
                    line.len = 0;
                }
            }
        }
        line.len = 0;
    }

    /// True if a line of the mappings, which begins with `start-end`, contains an address.
    fn contains(line: &[u8], address: usize) -> bool {
        let mut range = line.split(|byte| matches!(byte, b'-' | b' ')).map(parse_hex);
        let (Some(Some(start)), Some(Some(end))) = (range.next(), range.next()) else { return false };
        (start..end).contains(&address)
    }

    fn parse_hex(digits: &[u8]) -> Option<usize> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        digits.iter().try_fold(0usize, |number, byte| {
            Some(number.checked_mul(16)?.checked_add(usize::try_from(digit(byte)?).ok()?))?
        })
    }

    /// Returns the path in a line of the mappings.
    fn mapped_file(line: &[u8]) -> Option<&[u8]> {
        let start = line.iter().position(|byte| *byte == b'/')?;
        line.get(start..)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn mapping_is_found_by_address() {
            let line = b"7f0a1000-7f0a3000 rw-s 00000000 fd:00 12  /data/a b/lock.mdb";
            for (address, expected) in
                [(0x7f0a_1000, true), (0x7f0a_2fff, true), (0x7f0a_3000, false), (0x7f0a_0fff, false)]
            {
                assert_eq!(contains(line, address), expected, "{address:x}");
            }
            assert_eq!(mapped_file(line), Some(&b"/data/a b/lock.mdb"[..]));
            assert_eq!(mapped_file(b"7f0a1000-7f0a3000 rw-p 00000000 00:00 0"), None);
            for invalid in [&b""[..], b"7f0a1000", b"x-y rw", b"fffffffffffffffff-0 rw"] {
                assert!(!contains(invalid, 0), "{invalid:?}");
            }
        }

        #[test]
        fn code_is_in_a_mapping_of_this_program() {
            let mut line = Text::new();
            find_mapping(on_bus_error as *const () as usize, &mut line);
            let program = std::env::current_exe().unwrap();
            assert_eq!(mapped_file(line.as_bytes()), Some(program.as_os_str().as_encoded_bytes()));
            find_mapping(0, &mut line);
            assert_eq!(line.as_bytes(), b"");
        }
    }
}
