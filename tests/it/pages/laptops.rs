//! The pages for those who write a map, or look after what is deployed.

use shipmark::map::ServiceMap;

use super::{Page, Reader};
use crate::check::templates;

const API: &str = "project = \"shop\"\n[services.api]\ninclude = [\"api/**\"]\n";

pub(super) fn editors(page: &Page) {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let named = page.block("toml", "#:schema").trim().trim_start_matches("#:schema ");
    assert!(root.join(named).is_file(), "{named}");
    let rule: toml::Table = toml::from_str(page.block("toml", "[[rule]]")).unwrap();
    let path = rule["rule"][0]["schema"]["path"].as_str().unwrap();
    assert!(root.join(path).is_file(), "{path}");
}

/// The page is made from the program (`generated::lints`), its examples too.
pub(super) fn lints(page: &Page) {
    let map = format!("{API}{}", page.block("toml", "[lints]"));
    let reader = Reader::new(&map, &[("api/x", "1")]);
    assert!(reader.types(page, "--deny covered-pattern").contains("0 errors"));
    let of_a_map = |example: &&str| example.starts_with('[') || example.contains(" = ");
    for example in page.blocks("text").into_iter().filter(of_a_map) {
        let wrong = mistakes(example);
        assert!(wrong.is_empty(), "{wrong:?}\n{example}");
    }
    let reader = Reader::new(templates::MAP, &templates::FILES);
    reader.world.write("pipeline.yml", &templates::good("shop.yml"));
    reader.world.write("shared.yml", &templates::good("shared.yml"));
    for (program, script, template) in [
        ("cdk", "mkdir -p cdk.out && cp ../template cdk.out/Pipeline.template.json", "cdk.json"),
        ("terraform", "if [ \"$1\" = show ]; then cat ../template; else touch plan.bin; fi", "plan.json"),
    ] {
        let own = format!("{program}.template");
        std::fs::write(reader.world.path(&own), templates::good(template)).unwrap();
        reader.has(program, &script.replace("../template", &format!("../{own}")));
    }
    let said = reader.types(page, "--template pipeline.yml");
    assert_eq!(said.matches(" 0 errors").count(), 5, "{said}");
}

/// What is wrong with a part of a map, in a map that has the rest.
fn mistakes(example: &str) -> Vec<String> {
    let bare = example.starts_with('[') || example.starts_with("environments");
    let include = if example.contains("include = ") { "" } else { "include = [\"api/**\"]\n" };
    let map = if bare { example.to_owned() } else { format!("[services.api]\n{include}{example}") };
    let said = ServiceMap::parse("map", map.as_bytes()).err().map(|problems| problems.to_string()).unwrap_or_default();
    let rest = ["no-services", "unknown-service", "unknown-group"].map(|code| format!("error[{code}]"));
    let of_the_rest = |line: &str| rest.iter().any(|code| line.contains(code));
    said.lines().filter(|line| line.contains("error[") && !of_the_rest(line)).map(str::to_owned).collect()
}

/// The rules as they are, and as they were, over a history of two commits.
pub(super) fn replay(page: &Page) {
    let reader = Reader::new(API, &[("api/x", "1"), ("old.toml", API)]);
    reader.commits("one");
    reader.world.write("api/x", "2");
    reader.commits("two");
    let said = reader.types(page, "shipmark replay");
    assert_eq!(said.matches("1 commit").count(), 3, "{said}");
    assert!(std::fs::read_to_string(reader.world.source().join("replay.html")).unwrap().contains("</html>"));
}

/// With a release of one file, and a `gh` that has it.
pub(super) fn security(page: &Page) {
    let reader = Reader::new("", &[]);
    let download = "set -- $(printf '%s ' \"$@\" | sed 's/.*--dir \\([^ ]*\\).*/\\1/') && mkdir \"$1\" && cd \"$1\"";
    let files = "echo x >shipmark-VERSION-x86_64-unknown-linux-gnu && sha256sum * >SHA256SUMS && echo '0 not-here' >>SHA256SUMS";
    reader.has(
        "gh",
        &format!("case \"$1\" in release) {download} && {files} ;; attestation) cat \"$3\" >/dev/null ;; esac"),
    );
    let said = reader.types(page, "gh release download");
    assert!(said.contains("shipmark-VERSION-x86_64-unknown-linux-gnu: OK"), "{said}");
}

pub(super) fn shadow(page: &Page) {
    let map = format!("project = \"shop\"\n{}", page.block("toml", "shadow = true"));
    assert!(ServiceMap::parse("map", map.as_bytes()).is_ok(), "{map}");
    let reader = Reader::new(&map, &[("api/x", "1")]);
    let (mut reader, decide) = (reader, "shipmark decide api --environment prod");
    for (id, image) in [("shop:1", "r@sha256:1"), ("shop:2", "r@sha256:2")] {
        reader = reader.in_a_build(id);
        let record = format!("shipmark record api --environment prod --output IMAGE_URI={image}");
        reader.runs(&format!("{decide} && {record}"));
    }
    let counted = reader.types(page, "shipmark status --shadow --environment");
    assert!(counted.contains("IMAGE_URI"), "{counted}");
    reader.types(page, "--clear");
    let cleared = reader.runs("shipmark status --shadow --environment prod");
    assert!(!cleared.contains("IMAGE_URI"), "{cleared}");
}

/// With another directory in the place of the table.
pub(super) fn stores(page: &Page) {
    let both = format!("{API}[services.gone]\ninclude = [\"gone/**\"]\n");
    let reader = Reader::new(&both, &[("api/x", "1"), ("gone/x", "1")]).in_a_build("shop:1");
    reader.runs("shipmark decide && shipmark record --all");
    reader.world.write("shipmark.toml", API);
    let commands = page.block("sh", "shipmark state export");
    let table = "'dynamodb://shipmark?region=eu-west-1'";
    assert!(commands.contains(table), "{commands}");
    reader.runs(&commands.replace(table, "file:../other"));
    let deployed = |state: &str| {
        let status = reader.runs(&format!("shipmark -q status --state file:{state}"));
        ["api", "gone"].map(|service| status.lines().any(|line| line.starts_with(service) && line.contains("shop:1")))
    };
    assert_eq!(deployed("../other"), [true, true]);
    assert_eq!(deployed("../state"), [false, false]);
}
