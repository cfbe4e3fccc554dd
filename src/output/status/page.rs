//! The state as one page to pin to a wall: services by environments. The page is readable without its script, which filters,
//! moves by keys and keeps ages current.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::saved::{Saved, WINDOW, saved};
use super::table::notes;
use super::{StatusView, since};
use crate::base::text::{count, printable, short_revision};
use crate::output::html::{fill, hash, text};
use crate::protocol::engine::mark::Logged;
use crate::protocol::engine::status::{Certainty, ServiceStatus};

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");

/// How many deploys of a service are listed.
const DEPLOYS: usize = 10;

/// The days of the chart.
const DAYS: usize = 28;

/// The whole page. `price` is that of a build minute, in whatever currency.
pub fn page(standings: &[ServiceStatus], price: Option<f64>, view: &StatusView<'_>) -> String {
    let environments: Vec<Vec<&ServiceStatus>> = (standings
        .chunk_by(|one, other| one.key.environment == other.key.environment))
    .map(|block| block.iter().collect())
    .collect();
    let saved: Vec<Vec<Saved>> = environments.iter().map(|block| saved(block, view.now)).collect();
    let part = |name: &str| {
        Some(match name {
            "title" => html(&format!("{}: what is deployed", view.project)),
            "at" => format!("{:.0}", view.now),
            "style" => STYLE.to_owned(),
            "script" => SCRIPT.to_owned(),
            "style-hash" => hash(STYLE),
            "script-hash" => hash(SCRIPT),
            "tiles" => tiles(standings, &saved, price, view),
            "head" => environments.iter().map(|block| head(block[0])).collect(),
            "rows" => rows(&environments, &saved, view),
            "charts" => environments.iter().map(|block| chart(block, view)).collect(),
            _ => return None,
        })
    };
    fill(TEMPLATE, part)
}

/// Text of a store, which may hold anything.
fn html(raw: &str) -> String {
    text(&printable(raw.as_bytes()))
}

fn tiles(standings: &[ServiceStatus], saved: &[Vec<Saved>], price: Option<f64>, view: &StatusView<'_>) -> String {
    let number = |of: &dyn Fn(&&ServiceStatus) -> bool| standings.iter().filter(of).count();
    let start = view.now - WINDOW;
    let recent = |logged: &&Logged| logged.recorded_at >= start;
    let deploys: usize = standings.iter().map(|standing| standing.deploys.iter().filter(recent).count()).sum();
    let all = || saved.iter().flatten();
    let builds: usize = all().map(|saved| saved.builds).sum();
    let minutes: f64 = all().filter_map(|saved| saved.minutes).sum();
    let unknown = all().any(|saved| saved.builds > 0 && saved.minutes.is_none());
    let at_least = if unknown { " (unknown for some)" } else { "" };
    let mut tiles = vec![
        ("in doubt", number(&|one| doubtful(one)).to_string(), String::new()),
        (
            "behind the source",
            number(&|one| one.behind.inputs.is_some_and(|inputs| inputs > 0)).to_string(),
            String::new(),
        ),
        ("under way", number(&|one| one.open() > 0).to_string(), String::new()),
        ("deploys", deploys.to_string(), "in four weeks".to_owned()),
        ("builds saved", builds.to_string(), "in four weeks, at least".to_owned()),
        ("minutes saved", format!("{minutes:.0}"), format!("of builds, at their median{at_least}")),
    ];
    if let Some(price) = price {
        tiles.push(("saved", format!("{:.2}", minutes * price), format!("at {price} a minute")));
    }
    let tile = |(name, value, note): (&str, String, String)| {
        format!("<div><dt>{}</dt><dd>{} <small>{}</small></dd></div>", text(name), text(&value), text(&note))
    };
    tiles.into_iter().map(tile).collect()
}

fn head(standing: &ServiceStatus) -> String {
    format!("<th scope=\"col\">{}</th>", html(standing.key.environment.as_str()))
}

/// A row for each service, in the order in which they are first met.
fn rows(environments: &[Vec<&ServiceStatus>], saved: &[Vec<Saved>], view: &StatusView<'_>) -> String {
    let mut services: Vec<&str> = Vec::new();
    for name in environments.iter().flatten().map(|standing| standing.key.service.as_str()) {
        if !services.contains(&name) {
            services.push(name);
        }
    }
    let row = |service: &str| {
        let cell = |(block, saved): (&Vec<&ServiceStatus>, &Vec<Saved>)| {
            let at = block.iter().position(|standing| standing.key.service.as_str() == service);
            at.map_or_else(|| "<td class=\"absent\">–</td>".to_owned(), |at| cell(block[at], saved[at], view))
        };
        let cells: String = environments.iter().zip(saved).map(cell).collect();
        format!("<tr data-service=\"{0}\"><th scope=\"row\">{0}</th>{cells}</tr>\n", html(service))
    };
    services.into_iter().map(row).collect()
}

fn doubtful(standing: &ServiceStatus) -> bool {
    matches!(standing.certainty, Certainty::Uncertain | Certainty::Unreadable | Certainty::Unavailable)
}

/// One service in one environment: a glance, and all that is known below it.
fn cell(standing: &ServiceStatus, saved: Saved, view: &StatusView<'_>) -> String {
    let mut glance = match &standing.deployed {
        Some(deploy) => {
            let revision = deploy.release.revision.as_deref().map_or_else(|| "unnamed".to_owned(), short_revision);
            format!("<b class=\"mono\">{}</b> {}", text(&revision), time(deploy.recorded_at, view))
        }
        None => html(standing.certainty.word()),
    };
    if let Some(inputs) = standing.behind.inputs.filter(|inputs| *inputs > 0) {
        let _ = write!(
            glance,
            " <span class=\"behind\" title=\"{} differ from the source\">+{inputs}</span>",
            count(inputs, "input")
        );
    }
    if doubtful(standing) {
        let _ = write!(glance, " <span class=\"doubt\">{}</span>", html(standing.certainty.word()));
    }
    if standing.open() > 0 {
        let _ = write!(glance, " <span class=\"open\">{} open</span>", standing.open());
    }
    let mut more: Vec<String> = notes(standing, view).iter().map(|note| format!("<p>{}</p>", html(note))).collect();
    let minutes = saved.minutes.map(|minutes| format!(", {minutes:.0} minutes")).unwrap_or_default();
    if saved.builds > 0 {
        more.push(format!("<p>saved: {}{minutes}</p>", count(saved.builds, "build")));
    }
    let deploys: String = standing.deploys.iter().take(DEPLOYS).map(|logged| deploy(logged, view)).collect();
    more.push(if deploys.is_empty() {
        "<p>no deploy is recorded</p>".to_owned()
    } else {
        format!("<ul>{deploys}</ul>")
    });
    let class = match standing.certainty {
        _ if doubtful(standing) => "doubtful",
        Certainty::NeverDeployed => "never",
        _ if standing.behind.inputs.is_some_and(|inputs| inputs > 0) => "late",
        _ => "fine",
    };
    format!("<td class=\"{class}\"><details><summary>{glance}</summary>{}</details></td>", more.concat())
}

fn deploy(logged: &Logged, view: &StatusView<'_>) -> String {
    let revision = logged.revision.as_deref().map(short_revision).unwrap_or_default();
    let build = [logged.build.number.as_deref(), logged.build.id.as_deref()].into_iter().flatten().next();
    let mut line = format!("{} <span class=\"mono\">{}</span>", time(logged.recorded_at, view), text(&revision));
    if let Some(build) = build {
        let name = html(&format!("build {build}"));
        // A link of another kind could run code.
        match logged
            .build
            .url
            .as_deref()
            .filter(|url| ["https://", "http://"].iter().any(|start| url.starts_with(start)))
        {
            Some(url) => drop(write!(line, " <a href=\"{}\">{name}</a>", html(url))),
            None => drop(write!(line, " {name}")),
        }
    }
    if let Some(actor) = &logged.build.actor {
        let _ = write!(line, " by {}", html(actor));
    }
    if !logged.certain {
        line.push_str(" <span class=\"doubt\">uncertain</span>");
    }
    format!("<li>{line}</li>")
}

/// An age that the script keeps current.
fn time(at: Timestamp, view: &StatusView<'_>) -> String {
    format!("<time datetime=\"{at:.0}\">{}</time>", text(&since(view.now, at)))
}

/// How many deploys each of the last days had.
fn chart(block: &[&ServiceStatus], view: &StatusView<'_>) -> String {
    let mut days = [0_usize; DAYS];
    for logged in block.iter().flat_map(|standing| &standing.deploys) {
        let ago = view.now.duration_since(logged.recorded_at).as_hours() / 24;
        if let Some(day) = usize::try_from(ago).ok().and_then(|ago| days.get_mut((DAYS - 1).checked_sub(ago)?)) {
            *day += 1;
        }
    }
    let most = days.iter().copied().max().unwrap_or(0).max(1);
    let bar = |(at, number): (usize, &usize)| {
        let height = number * 36 / most;
        let ago = DAYS - 1 - at;
        format!(
            "<rect x=\"{}\" y=\"{}\" width=\"8\" height=\"{height}\"><title>{}, {}</title></rect>",
            at * 10,
            40 - height,
            count(*number, "deploy"),
            if ago == 0 { "today".to_owned() } else { format!("{} ago", count(ago, "day")) }
        )
    };
    let bars: String = days.iter().enumerate().map(bar).collect();
    let (name, total) = (html(block[0].key.environment.as_str()), days.iter().sum::<usize>());
    format!(
        "<figure><svg viewBox=\"0 0 280 40\" role=\"img\" aria-label=\"{0}: {1} in four weeks\">{bars}</svg><figcaption>{0}: {1}</figcaption></figure>",
        name,
        count(total, "deploy")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_no_address_of_anything_outside() {
        for part in [TEMPLATE, STYLE, SCRIPT] {
            assert!(["http:", "https:", "url(", "innerHTML"].iter().all(|word| !part.contains(word)));
        }
    }
}
