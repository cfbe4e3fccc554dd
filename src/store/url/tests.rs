use std::path::Path;

use super::StoreUrl;

fn parse(text: &str) -> Result<String, String> {
    StoreUrl::parse(text, Path::new("/src")).map(|url| url.to_string()).map_err(|error| error.to_string())
}

#[test]
fn paths_are_relative_to_the_source() {
    assert_eq!(parse("file:state").unwrap(), "file:/src/state");
    assert_eq!(parse("file:/state").unwrap(), "file:/state");
    assert_eq!(parse("file:///state").unwrap(), "file:/state");
}

#[test]
fn an_address_that_was_shown_is_read_back() {
    for text in [
        "dynamodb://shipmark",
        "dynamodb://shipmark?region=ap-northeast-1",
        "dynamodb://shipmark?region=eu-west-1&endpoint=http://127.0.0.1:8000",
        "dynamodb://arn:aws:dynamodb:eu-west-1:123456789012:table/shipmark?region=eu-west-1",
        "s3://bucket",
        "s3://bucket/some/prefix?endpoint=https://vpce-1.s3.eu-west-1.vpce.amazonaws.com",
    ] {
        assert_eq!(parse(text).unwrap(), text);
    }
    assert_eq!(parse("s3://bucket//a/b//").unwrap(), "s3://bucket/a/b");
    assert_eq!(parse("s3://bucket/?endpoint=http%3A%2F%2Fh%2Fx%26y").unwrap(), "s3://bucket?endpoint=http://h/x%26y");
}

#[test]
fn an_arn_names_its_region() {
    let shown = parse("dynamodb://arn:aws:dynamodb:eu-west-1:123456789012:table/shipmark").unwrap();
    assert!(shown.ends_with("?region=eu-west-1"), "{shown}");
}

#[test]
fn nothing_is_guessed() {
    for bad in [
        "",
        "state",
        "file:",
        "file://host/x",
        "ftp:x",
        "s3:bucket",
        "s3://",
        "s3://b",
        "s3://Bucket/x",
        "s3://bucket/a//b",
        "s3://arn:aws:s3:::bucket/x",
        "dynamodb:table",
        "dynamodb://",
        "dynamodb://a",
        "dynamodb://ta ble",
        "dynamodb://arn:aws:s3:::bucket",
        "dynamodb://table?",
        "dynamodb://table?regoin=x",
    ] {
        // A lone `?` sets nothing, which is harmless.
        assert_eq!(parse(bad).is_err(), bad != "dynamodb://table?", "{bad}: {:?}", parse(bad));
    }
}

#[test]
fn a_bad_setting_is_named() {
    for (setting, why) in [
        ("region", "has no value"),
        ("region=", "has no value"),
        ("region=eu_west", "is like `eu-west-1`"),
        ("region=a&region=b", "given twice"),
        ("endpoint=127.0.0.1:80", "begins with `https://`"),
        ("endpoint=http://", "is like"),
        ("endpoint=http:///x", "is like"),
        ("endpoint=http://a b", "is like"),
        ("endpoint=http://me:secret@host", "holds no credentials"),
        ("endpoint=%FF", "not UTF-8"),
    ] {
        let error = parse(&format!("dynamodb://table?{setting}")).unwrap_err();
        assert!(error.contains(why), "{setting}: {error}");
    }
}

#[test]
fn only_a_directory_that_somebody_named_may_be_a_link() {
    for (text, expected) in [
        ("file:.shipmark/state", "/src"),
        ("file:./.shipmark//other", "/src"),
        ("file:/src/.shipmark", "/src"),
        ("file:state", "/src/state"),
        ("file:/state", "/state"),
        ("file:.shipmarked/state", "/src/.shipmarked/state"),
    ] {
        let Ok(StoreUrl::File { anchor, .. }) = StoreUrl::parse(text, Path::new("/src")) else { panic!("{text}") };
        assert_eq!(anchor, Path::new(expected), "{text}");
    }
}
