//! AWS's signatures, version 4, written once more from its documentation: what the program signs is checked by something else than
//! what it signs with. <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// Who has signed a request, for which service; or what is wrong with the signature. `path` is the target without a query.
pub(super) fn signer(
    headers: &BTreeMap<String, String>,
    path: &str,
    body: &[u8],
    secret_of: impl Fn(&str) -> Option<&'static str>,
) -> Result<(String, String), String> {
    let authorization = headers.get("authorization").ok_or("no authorization")?;
    let rest = authorization.strip_prefix("AWS4-HMAC-SHA256 ").ok_or("another algorithm")?;
    let part = |name: &str| {
        let found = rest.split(',').map(str::trim).find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        found.ok_or_else(|| format!("no {name}"))
    };
    let (credential, signed, signature) = (part("Credential")?, part("SignedHeaders")?, part("Signature")?);
    let mut words = credential.splitn(2, '/');
    let (access_key, scope) = (words.next().unwrap(), words.next().ok_or("no scope")?);
    let [date, region, service, "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return Err(format!("the scope {scope}"));
    };
    let names: Vec<&str> = signed.split(';').collect();
    for needed in ["host", "x-amz-date"] {
        if !names.contains(&needed) {
            return Err(format!("{needed} is not signed"));
        }
    }
    let mut canonical = format!("POST\n{path}\n\n");
    for name in &names {
        writeln!(canonical, "{name}:{}", headers.get(*name).ok_or_else(|| format!("{name} is missing"))?).unwrap();
    }
    write!(canonical, "\n{signed}\n{}", hex(&Sha256::digest(body))).unwrap();
    let stamp = &headers["x-amz-date"];
    let text = format!("AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let secret = secret_of(access_key).ok_or_else(|| format!("the access key {access_key}"))?;
    let mut key = hmac(format!("AWS4{secret}").as_bytes(), date.as_bytes());
    for word in [region, service, "aws4_request"] {
        key = hmac(&key, word.as_bytes());
    }
    if hex(&hmac(&key, text.as_bytes())) != signature {
        return Err("the signature does not match".to_owned());
    }
    Ok((access_key.to_owned(), service.to_owned()))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; 64];
    let hashed = Sha256::digest(key);
    let key = if key.len() > 64 { &hashed[..] } else { key };
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::digest([&pad(0x36)[..], text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The second test case of RFC 4231.
#[test]
fn hmac_is_hmac() {
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    assert_eq!(hex(&hmac(b"Jefe", b"what do ya want for nothing?")), expected);
}
