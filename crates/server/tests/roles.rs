//! Every route of the description, asked as nobody and as each role.

#![allow(clippy::unwrap_used)] // Also in helpers of tests a panic is the report.

mod support;

use std::collections::BTreeSet;

use axum::http::Method;
use loa_kernel::Role;
use loa_testdb::on_both_databases;
use serde_json::{Value, json};
use support::World;

const TABLE: &str = include_str!("roles.tsv");

struct Row {
    method: Method,
    path: &'static str,
    /// Of nobody, admin, manager, agent.
    statuses: [u16; 4],
    body: Option<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let [method, path, nobody, admin, manager, agent, body] = cells[..] else {
                panic!("seven cells: {line}")
            };
            let status = |cell: &str| cell.parse().unwrap_or_else(|_| panic!("a status: {line}"));
            Row {
                method: method.parse().unwrap(),
                path,
                statuses: [status(nobody), status(admin), status(manager), status(agent)],
                body: (body != "-").then_some(body),
            }
        })
        .collect()
}

/// `/api/members/{member}` as the description writes it.
fn described(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/')
        .map(|part| {
            let named = ["{", "sch_", "viw_", "fld_", "gup_", "cim_", "mrg_"]
                .iter()
                .any(|begin| part.starts_with(begin));
            if named || part == "priority" { "{id}" } else { part }
        })
        .collect::<Vec<_>>()
        .join("/")
}

#[test]
fn every_route_has_a_row() {
    let api = serde_json::to_value(loa_server::openapi()).unwrap();
    let routes: BTreeSet<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |m| format!("{} {}", m.to_uppercase(), described(path)))
        })
        .collect();
    let table: BTreeSet<String> =
        rows().iter().map(|row| format!("{} {}", row.method, described(row.path))).collect();
    assert_eq!(table, routes);
}

on_both_databases! {
    async fn each_role_gets_what_the_table_says(db: TestDb) {
        let world = World::new(db).await;
        let other = world.member(&world.seed, "khac", Role::Agent).await;
        world.member(&world.seed, "manager", Role::Manager).await;
        world.member(&world.seed, "agent", Role::Agent).await;
        let (customer, conversation) = world.thread(&world.seed, "u1", "Khách", world.seed.now).await;
        let message = world.message(&world.seed, conversation, "p1", "Chào", None, world.seed.now).await;
        let file = world.browser("admin").await.upload("a.csv", b"a,b\n").await.json();
        let mut admin = world.browser("admin").await;
        let (_, label) = admin.post("/api/labels", json!({ "name": "VIP", "colour": "teal" })).await;
        let shared = json!({ "shortcut": "chao", "text": "Dạ", "personal": false });
        let (_, reply) = admin.post("/api/canned-replies", shared).await;
        let shared = json!({ "name": "Chốt đơn", "actions": [{ "kind": "unassign" }], "personal": false });
        let (_, run) = admin.post("/api/macros", shared).await;
        let fill = |text: &str, i: usize, role: &str| {
            text.replace("{role}", role)
                .replace("{n}", &i.to_string())
                .replace("{member}", &other.to_string())
                .replace("{channel}", &world.seed.channel.to_string())
                .replace("{conversation}", &conversation.to_string())
                .replace("{message}", &message.to_string())
                // One that is nobody's.
                .replace("{notification}", &format!("ntf_{:032}", 0))
                // Each role makes its own.
                .replace("{view}", &format!("viw_{i:032}"))
                .replace("{job}", &format!("blk_{i:032}"))
                .replace("{customer}", &customer.to_string())
                .replace("{label}", label["id"].as_str().unwrap())
                .replace("{reply}", reply["id"].as_str().unwrap())
                .replace("{macro}", run["id"].as_str().unwrap())
                .replace("{package}", "Premium")
                .replace("{file}", file["id"].as_str().unwrap())
        };
        let mut wrong = Vec::new();
        for row in rows() {
            for (i, role) in ["nobody", "admin", "manager", "agent"].into_iter().enumerate() {
                let mut browser = if i == 0 { world.stranger() } else { world.browser(role).await };
                let body: Option<Value> = row.body.map(|body| serde_json::from_str(&fill(body, i, role)).unwrap());
                let (status, answer) = browser.call(row.method.clone(), &fill(row.path, i, role), body).await;
                if status.as_u16() != row.statuses[i] {
                    wrong.push(format!("{} {} as {role}: {} instead of {}: {answer}", row.method, row.path, status.as_u16(), row.statuses[i]));
                }
                // A refusal says what it is.
                if status.as_u16() >= 400 {
                    assert!(answer["code"].is_string(), "{} {} as {role}: {answer}", row.method, row.path);
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
