//! Findings in templates are written as those in the map are.

use serde_json::Value;

use super::{good, world};

fn said(format: &str) -> String {
    let world = world();
    world.write("shop.yml", &good("shop.yml").replacen("Operator: NE", "Operator: EQ", 1));
    let done = world.run(["check", "--template", "shop.yml", "--format", format]);
    assert_eq!(done.code, 4, "{}", done.stderr);
    done.stdout
}

#[test]
fn people_see_the_line_and_the_corrected_one() {
    assert_eq!(
        said("text"),
        "error[skip-condition]: the `Operator` of the rule is `EQ`: only an exact `true` may skip
   --> shop.yml:114:33
    |
114 |                       Operator: EQ
    |                                 ^^
    = help: write `Operator: NE`

shipmark.toml: 2 services, 1 pipeline, 1 template: 1 error, 0 warnings
`shipmark check --explain skip-condition` says why; `[lints]` in the map sets levels
"
    );
}

#[test]
fn programs_get_file_and_line() {
    let whole: Value = serde_json::from_str(&said("json")).unwrap();
    assert_eq!((&whole["pipelines"], &whole["files"], &whole["errors"]), (&1.into(), &1.into(), &1.into()));
    let finding = &whole["findings"][0];
    assert_eq!((&finding["file"], &finding["line"], &finding["column"]), (&"shop.yml".into(), &114.into(), &33.into()));
    assert_eq!(finding["help"], "write `Operator: NE`");
    assert!(
        said("github")
            .starts_with("::error file=shop.yml,line=114,col=33,endColumn=35,title=shipmark skip-condition::")
    );
    let sarif: Value = serde_json::from_str(&said("sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "skip-condition");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 114);
}

/// Terraform writes one line, in which secrets may stand beside what is found.
#[test]
fn a_plan_is_shown_no_further_than_what_is_found() {
    let world = world();
    let plan: Value = serde_json::from_str(&good("plan.json")).unwrap();
    let plan = plan.to_string().replacen("\"Operator\":\"NE\"", "\"Secret\":\"hush\",\"Operator\":\"EQ\"", 1);
    world.write("plan.json", &plan);
    let done = world.run(["check", "--template", "plan.json"]);
    assert_eq!(done.code, 4, "{}", done.stderr);
    assert!(done.stdout.contains("1 | \"EQ\"\n"), "{}", done.stdout);
    assert!(done.stdout.contains("= help: write `operator = \"NE\"`"), "{}", done.stdout);
    assert!(!done.stdout.contains("hush"), "{}", done.stdout);
}

#[test]
fn levels_of_the_map_and_of_flags_hold() {
    let world = world();
    world.write("shop.yml", &good("shop.yml").replacen("Operator: NE", "Operator: EQ", 1));
    let done = world.run(["check", "--template", "shop.yml", "--warn", "skip-condition"]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    world.write("shipmark.toml", &format!("{}\n[lints]\nskip-condition = \"allow\"\n", super::MAP));
    let done = world.run(["check", "--template", "shop.yml"]);
    assert_eq!((done.code, done.stdout.lines().count()), (0, 1), "{}", done.stdout);
    let done = world.run(["check", "--explain", "unknown"]);
    assert!(done.stdout.starts_with("unknown (warn unless"), "{}", done.stdout);
}
