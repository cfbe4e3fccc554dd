//! Both tokens are one word, and nothing else is accepted as one.

use super::*;
use crate::base::fingerprint::Fingerprint;

fn place(service: &str) -> Key {
    key(&ProjectName::default(), &EnvironmentName::default(), &ServiceName::new(service).unwrap())
}

fn candidates() -> CandidateToken {
    let (id, key) = (AttemptId::parse("0123abc").unwrap(), place("a"));
    CandidateToken::new("file:/a b/c'd", &ProjectName::default(), [(&key, &id), (&key, &id)])
}

fn claims() -> ClaimToken {
    let home = Home { pipeline: Some("shop".to_owned()), ..Home::default() };
    let claim = Claim {
        service: ServiceName::new("a").unwrap(),
        lane: home.lane("a"),
        home: Some(home),
        content: Content { fingerprint: Fingerprint([7; 32]), modes: None },
        serial: 1_800_000_000_000,
    };
    ClaimToken::new("file:/x", &ProjectName::default(), [(&EnvironmentName::default(), &claim)])
}

#[test]
fn both_travel_as_one_word() {
    let words = [candidates().encode().unwrap(), claims().encode().unwrap()];
    for word in &words {
        assert!(word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)), "{word}");
    }
    assert_eq!(Token::decode(&words[0]), Ok(Token::Candidates(candidates())));
    assert_eq!(Token::decode(&words[1]), Ok(Token::Claims(claims())));
    let of = candidates().of(&EnvironmentName::default());
    assert_eq!(of, [(place("a"), AttemptId::parse("0123abc").unwrap())], "twice the same is once");
}

#[test]
fn what_was_cut_is_refused() {
    for word in [candidates().encode().unwrap(), claims().encode().unwrap()] {
        for end in 0..word.len() {
            assert!(Token::decode(&word[..end]).is_err(), "{end}");
        }
    }
}

#[test]
fn another_version_is_refused_and_named() {
    let old = URL_SAFE_NO_PAD.encode(r#"{"v":1,"s":"file:/x","p":"default","c":{}}"#);
    assert_eq!(Token::decode(&old), Err(TokenError::Version(1)));
    assert!(matches!(Token::decode("false"), Err(TokenError::Foreign(_))));
    assert!(Token::decode("none").unwrap_err().to_string().contains("stands for no candidate"));
}
