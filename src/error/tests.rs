//! Codes and what follows from them.

use super::*;

#[test]
fn each_code_stands_once_and_client_errors_are_final() {
    let mut codes = Error::CODES.to_vec();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Error::CODES.len());

    let status = |status| Error::Network {
        resource: Resource::Segment,
        url: "https://a.example/1.ts".into(),
        failure: NetworkFailure::Status(status),
        exhausted: false,
    };
    assert!(!status(403).is_retryable());
    assert!(status(503).is_retryable());
    assert_eq!(status(503).severity(), Severity::Warning);
    assert!(status(404).to_string().contains("does not exist"));
    assert!(Error::CODES.contains(&status(404).code()));
}
