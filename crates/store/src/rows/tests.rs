use loa_testdb::on_both_databases;
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::entity::{customers, messages};
use crate::{Store, StoreConfig};

/// The store of this build; the one in [`TestDb`] belongs to the library that the test crate was built with.
async fn open(db: &TestDb) -> Store {
    Store::connect(&StoreConfig::new(db.url.clone())).await.unwrap()
}

use loa_testdb::TestDb;

const WS: Uuid = Uuid::from_u128(1);

fn message(n: u128) -> messages::Model {
    messages::Model {
        workspace_id: WS,
        id: Uuid::from_u128(n),
        conversation_id: Uuid::from_u128(2),
        channel_id: Uuid::from_u128(3),
        direction: "in".into(),
        author: "customer".into(),
        member_id: None,
        kind: "text".into(),
        text: (!n.is_multiple_of(3)).then(|| format!("Xin chào {n}")),
        attachments: json!([{"kind": "image", "n": n.to_string()}]),
        platform_id: Some(format!("p{n}")),
        client_id: None,
        quoted_platform_id: None,
        by_person: None,
        reactions: json!([]),
        status: "received".into(),
        error_code: None,
        error_text: None,
        problem: (!n.is_multiple_of(2)).then(|| json!({"code": "internal"})),
        decision: None,
        sent_at: n as i64,
        created_at: 5,
        updated_at: 5,
    }
}

async fn all_messages(store: &Store) -> Vec<messages::Model> {
    messages::Entity::find().order_by_asc(messages::Column::Id).all(store.reader()).await.unwrap()
}

on_both_databases! {
    async fn many_rows_go_in_and_come_back(db: TestDb) {
        let store = open(&db).await;
        // More than one statement: 22 columns times 3,000 rows exceed the limits of both databases.
        let rows: Vec<_> = (1..=3_000).map(message).collect();
        let tx = store.begin().await.unwrap();
        assert_eq!(insert_rows::<messages::Entity>(&tx, rows.clone(), None).await.unwrap(), 3_000);
        assert_eq!(insert_rows::<messages::Entity>(&tx, [], None).await.unwrap(), 0);
        tx.commit().await.unwrap();
        assert_eq!(all_messages(&store).await, rows);

        let again = OnConflict::new().do_nothing().to_owned();
        let tx = store.begin().await.unwrap();
        let more = (2_990..=3_005).map(message);
        assert_eq!(insert_rows::<messages::Entity>(&tx, more, Some(again)).await.unwrap(), 5, "only new ones");
        tx.commit().await.unwrap();

        let tx = store.begin().await.unwrap();
        let error = insert_rows::<messages::Entity>(&tx, [messages::Model { platform_id: None, ..message(1) }], None).await.unwrap_err();
        assert!(error.is_unique("messages_pkey"), "{error:?}");
        drop(tx);
        let tx = store.begin().await.unwrap();
        let same_platform_id = messages::Model { id: Uuid::from_u128(9_999), ..message(1) };
        let error = insert_rows::<messages::Entity>(&tx, [same_platform_id], None).await.unwrap_err();
        assert!(error.is_unique("messages_platform"), "{error:?}");
    }

    async fn nul_characters_are_dropped_and_nothing_else(db: TestDb) {
        let store = open(&db).await;
        let row = messages::Model {
            text: Some("a\0b \u{1F600} ệ".into()),
            attachments: json!([{"na\0me": "x\0", "deep": [[{"y": "\0"}]], "n": 1.5}]),
            ..message(1)
        };
        let tx = store.begin().await.unwrap();
        insert_rows::<messages::Entity>(&tx, [row], None).await.unwrap();
        tx.commit().await.unwrap();
        let back = all_messages(&store).await.remove(0);
        assert_eq!(back.text.as_deref(), Some("ab \u{1F600} ệ"));
        assert_eq!(back.attachments, json!([{"name": "x", "deep": [[{"y": ""}]], "n": 1.5}]));
    }

    async fn many_rows_change_each_in_its_own_way(db: TestDb) {
        use messages::Column as C;
        let store = open(&db).await;
        let tx = store.begin().await.unwrap();
        insert_rows::<messages::Entity>(&tx, (1..=2_500).map(message), None).await.unwrap();
        let puts = [
            (C::Status, Put::Set), (C::ErrorCode, Put::Set), (C::Reactions, Put::Set), (C::MemberId, Put::Set),
            (C::CreatedAt, Put::Add), (C::Text, Put::Set), (C::Problem, Put::Set),
        ];
        let change = |n: u128| -> Vec<Value> {
            let even = n.is_multiple_of(2);
            vec![
                WS.into(), Uuid::from_u128(n).into(),
                format!("status {n}").into(),
                even.then_some(n as i32).into(),
                json!([n.to_string()]).into(),
                even.then_some(Uuid::from_u128(n)).into(),
                (n as i64).into(),
                even.then(|| "edited".to_owned()).into(),
                even.then(|| json!({"even": true})).into(),
            ]
        };
        // The first row's values are absent (its types must still be known); the last two rows are not there.
        let changes: Vec<_> = (1..=2_502).map(change).collect();
        let count = update_rows::<messages::Entity>(&tx, &[C::WorkspaceId, C::Id], &puts, changes).await.unwrap();
        assert_eq!(count, 2_500);
        assert_eq!(update_rows::<messages::Entity>(&tx, &[C::Id], &puts, vec![]).await.unwrap(), 0);
        tx.commit().await.unwrap();
        for (row, n) in all_messages(&store).await.into_iter().zip(1u128..) {
            let even = n.is_multiple_of(2);
            let old = message(n);
            let expected = messages::Model {
                status: format!("status {n}"),
                error_code: even.then_some(n as i32),
                reactions: json!([n.to_string()]),
                member_id: even.then_some(Uuid::from_u128(n)),
                created_at: 5 + n as i64,
                text: even.then(|| "edited".into()),
                problem: even.then(|| json!({"even": true})),
                ..old
            };
            assert_eq!(row, expected, "row {n}");
        }
    }

    async fn a_row_of_the_wrong_width_is_refused(db: TestDb) {
        use messages::Column as C;
        let store = open(&db).await;
        let tx = store.begin().await.unwrap();
        let error = update_rows::<messages::Entity>(&tx, &[C::Id], &[(C::Text, Put::Set)], vec![vec![WS.into()]]).await;
        assert!(error.unwrap_err().to_string().contains("1 values for 2 columns"));
    }

    async fn long_lists_of_ids_are_cut(db: TestDb) {
        let store = open(&db).await;
        let ids: Vec<Uuid> = (0..70_000).map(Uuid::from_u128).collect();
        let mut asked = 0;
        for chunk in in_chunks(store.reader(), &ids, 1) {
            let found = customers::Entity::find()
                .filter(customers::Column::WorkspaceId.eq(WS))
                .filter(customers::Column::Id.is_in(chunk.iter().copied()))
                .all(store.reader()).await.unwrap();
            assert!(found.is_empty());
            asked += chunk.len();
        }
        assert_eq!(asked, ids.len());
    }
}

/// A set of changes must find its rows by key; a scan for each would make a batch as slow as the table is long.
#[tokio::test]
async fn sqlite_finds_the_rows_of_an_update_by_key() {
    let db = TestDb::new(loa_testdb::Engine::Sqlite).await;
    let tx = open(&db).await.begin().await.unwrap();
    let sql = "EXPLAIN QUERY PLAN WITH v (\"workspace_id\", \"id\", \"text\") AS (VALUES (?1, ?2, ?3), (?4, ?5, ?6)) \
        UPDATE \"messages\" AS t SET \"text\" = v.\"text\" FROM v \
        WHERE t.\"workspace_id\" = v.\"workspace_id\" AND t.\"id\" = v.\"id\"";
    let values: Vec<Value> = vec![WS.into(), WS.into(), "a".into(), WS.into(), WS.into(), "b".into()];
    let plan = tx
        .query_all_raw(Statement::from_sql_and_values(sea_orm::DbBackend::Sqlite, sql, values))
        .await
        .unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
    assert!(
        plan.iter().any(|step| step.contains("SEARCH t USING") && step.contains("(workspace_id=? AND id=?)")),
        "{plan:?}"
    );
}
