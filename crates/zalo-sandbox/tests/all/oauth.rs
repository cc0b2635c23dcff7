//! Lifetimes and rotation of tokens (platform reference §2).

use serde_json::{Value, json};

use crate::bed::{APP, Bed, HOUR, OA};

const CALLBACK: &str = "http://localhost:9/callback";

async fn code(bed: &Bed, challenge: Option<&str>) -> String {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut query =
        vec![("app_id", APP), ("redirect_uri", CALLBACK), ("state", "s1"), ("sandbox_auto_oa", OA)];
    query.extend(challenge.map(|c| ("code_challenge", c)));
    let answer = client.get(bed.url("/v4/oa/permission")).query(&query).send().await.unwrap();
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
    let to = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
    let pairs: std::collections::HashMap<_, _> = to.query_pairs().into_owned().collect();
    assert_eq!((pairs["oa_id"].as_str(), pairs["state"].as_str()), (OA, "s1"));
    pairs["code"].clone()
}

fn works(answer: &Value) -> bool {
    answer["access_token"].is_string()
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_with_its_verifier() {
    let bed = Bed::new().await;
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let exchange = async |code: &str, verifier: &str| {
        let form = [
            ("app_id", APP),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("code_verifier", verifier),
        ];
        bed.token_call(&form).await
    };
    let first = code(&bed, Some(challenge)).await;
    let wrong = exchange(&first, "another").await;
    assert_eq!(wrong["error_name"], "Invalid code verifier");
    let good = exchange(&first, verifier).await;
    assert!(works(&good), "{good}");
    assert_eq!(good["expires_in"], "90000");
    assert!(!works(&exchange(&first, verifier).await), "a code works once");

    let late = code(&bed, None).await;
    bed.advance(10 * 60_000).await;
    assert!(!works(&exchange(&late, "").await), "a code lives ten minutes");
}

#[tokio::test]
async fn the_consent_page_lists_the_oas_and_refuses_another_redirect() {
    let bed = Bed::new().await;
    let page = |redirect: &'static str| {
        let query = [("app_id", APP), ("redirect_uri", redirect)];
        bed.http.get(bed.url("/v4/oa/permission")).query(&query).send()
    };
    let text = page(CALLBACK).await.unwrap().text().await.unwrap();
    assert!(text.contains("Cho phép") && text.contains("Shop Mận"), "{text}");
    bed.control("PATCH", &format!("/apps/{APP}"), json!({"callback_url": CALLBACK})).await;
    let text = page("http://evil.example/").await.unwrap().text().await.unwrap();
    assert!(text.contains("-14003") && !text.contains("consent-allow"), "{text}");
}

#[tokio::test]
async fn access_lives_25_hours_and_refresh_three_months_once() {
    let bed = Bed::new().await;
    let refresh = async |bed: &Bed, token: &str| {
        bed.token_call(&[("app_id", APP), ("grant_type", "refresh_token"), ("refresh_token", token)]).await
    };
    let info = async |bed: &Bed| bed.data("/v2.0/oa/getoa", json!({})).await["error"].as_i64().unwrap();
    bed.advance(25 * HOUR - 1).await;
    assert_eq!(info(&bed).await, 0);
    bed.advance(1).await;
    assert_eq!(info(&bed).await, -220);

    let old = bed.refresh.clone();
    let pair = refresh(&bed, &old).await;
    assert!(works(&pair), "{pair}");
    let again = refresh(&bed, &old).await;
    assert_eq!((&again["error"], &again["error_name"]), (&json!(-14014), &json!("Invalid refresh token")));

    bed.use_token(&pair);
    assert_eq!(info(&bed).await, 0);
    let next = refresh(&bed, pair["refresh_token"].as_str().unwrap()).await;
    assert_eq!(info(&bed).await, -220, "a refresh kills the previous access token");

    bed.control("PUT", "/settings", json!({"refresh_kills_access_token": false})).await;
    bed.use_token(&next);
    let last = refresh(&bed, next["refresh_token"].as_str().unwrap()).await;
    assert_eq!(info(&bed).await, 0, "the switch keeps it alive");

    // 2024-12-03 plus three months is 2025-03-03.
    bed.advance(90 * 24 * HOUR).await;
    assert!(!works(&refresh(&bed, last["refresh_token"].as_str().unwrap()).await), "three months are over");
}

#[tokio::test]
async fn of_concurrent_refreshes_exactly_one_wins() {
    let bed = Bed::new().await;
    let form = [("app_id", APP), ("grant_type", "refresh_token"), ("refresh_token", bed.refresh.as_str())];
    let answers = futures::future::join_all((0..8).map(|_| bed.token_call(&form))).await;
    assert_eq!(answers.iter().filter(|a| works(a)).count(), 1, "{answers:?}");
}

#[tokio::test]
async fn a_revoked_grant_ends_everything() {
    let bed = Bed::new().await;
    bed.control("DELETE", &format!("/oas/{OA}/grants/{APP}"), json!({})).await;
    assert_eq!(bed.text("x").await.0, -220);
    let form = [("app_id", APP), ("grant_type", "refresh_token"), ("refresh_token", bed.refresh.as_str())];
    assert!(!works(&bed.token_call(&form).await));
}
