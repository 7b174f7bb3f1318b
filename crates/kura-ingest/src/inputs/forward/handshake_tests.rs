//! What a sender must know to be let in.

use expect_test::expect;

use super::Settings;
use super::forward_tests::pack;
use super::handshake::{Challenge, Security};

const SALT: &str = "salt-of-16-bytes";
/// SHA-512 of salt, `shop-1`, nonce and `open sesame`.
const DIGEST: &str = "d49512f632cc4bd9c5e4c806b3d97a3020f7c4450d612bfa386a85be35638cf0\
    b9035ceb61aa302e8a41345393d3ed0c9090ffb8c12ffa51e8a7e197ffb4094c";
/// SHA-512 of the salt for passwords, `ann` and `pass`.
const PASSWORD: &str = "813ee24b24cf70a7af9491e0d779b11bde7732e32eadbd3906061d4a128d1305\
    81187b55f13ec90a9baf6f98bfc5d16c433a04522896a56d9d1c8c9facb04f3c";

fn security(users: &[(&str, &str)]) -> Security {
    let users = users.iter().map(|(name, password)| (name.to_string(), password.to_string()));
    let shared_key = Some("open sesame".to_owned());
    let settings = Settings { shared_key, users: users.collect(), ..Settings::default() };
    Security::new(&settings).expect("settings").expect("a key")
}

fn challenge(asks_for_password: bool) -> Challenge {
    let auth = asks_for_password.then(|| std::array::from_fn(|at| 16 + at as u8));
    Challenge { nonce: std::array::from_fn(|at| at as u8), auth }
}

/// What comes of a PING, as text: a PONG has no byte beyond ASCII but its heads.
fn answer(users: &[(&str, &str)], ping: &str) -> String {
    match challenge(!users.is_empty()).pong(&security(users), &pack(ping)) {
        Err(invalid) => format!("{invalid}\n"),
        Ok(pong) => format!(
            "{:?} {}\n",
            pong.refusal,
            pong.bytes.escape_ascii().to_string().replace("\\xd9\\x80", "\n    ")
        ),
    }
}

#[test]
fn helo_asks() {
    let helo = |asks| challenge(asks).helo().escape_ascii().to_string();
    expect![[r#"\x92\xa4HELO\x83\xa5nonce\xc4\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\xa4auth\xa0\xa9keepalive\xc3"#]].assert_eq(&helo(false));
    expect![[r#"\x92\xa4HELO\x83\xa5nonce\xc4\x10\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\xa4auth\xc4\x10\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\xa9keepalive\xc3"#]].assert_eq(&helo(true));
}

#[test]
fn who_knows_the_key_is_let_in() {
    let ping = |digest: &str, name: &str, password: &str| {
        format!(r#"["PING", "shop-1", "{SALT}", "{digest}", "{name}", "{password}"]"#)
    };
    let upper = DIGEST.to_uppercase();
    expect![[r#"
        None \x95\xa4PONG\xc3\xa0\xa4kura
            e614a787d295862ef52c7b249f0acdedd609512ddf63d485145a71109ccfc26588136fe13e076a5f2f3e863d394457eb1fa74013c900690e9a51070f33d94997
    "#]].assert_eq(&answer(&[], &ping(DIGEST, "", "")));
    expect![[r#"
        Some("shared_key mismatch") \x95\xa4PONG\xc2\xb3shared_key mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&[], &ping(&upper, "", "")));
    expect![[r#"
        Some("shared_key mismatch") \x95\xa4PONG\xc2\xb3shared_key mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&[], &ping("", "", "")));
    expect![[r#"
        Some("shared_key mismatch") \x95\xa4PONG\xc2\xb3shared_key mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&[], &ping(&DIGEST[..127], "", "")));
    let users = [("ann", "pass"), ("bob", "")];
    expect![[r#"
        None \x95\xa4PONG\xc3\xa0\xa4kura
            e614a787d295862ef52c7b249f0acdedd609512ddf63d485145a71109ccfc26588136fe13e076a5f2f3e863d394457eb1fa74013c900690e9a51070f33d94997
    "#]].assert_eq(&answer(&users, &ping(DIGEST, "ann", PASSWORD)));
    expect![[r#"
        Some("username/password mismatch") \x95\xa4PONG\xc2\xbausername/password mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&users, &ping(DIGEST, "bob", PASSWORD)));
    expect![[r#"
        Some("username/password mismatch") \x95\xa4PONG\xc2\xbausername/password mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&users, &ping(DIGEST, "eve", PASSWORD)));
    expect![[r#"
        Some("username/password mismatch") \x95\xa4PONG\xc2\xbausername/password mismatch\xa0\xa0
    "#]]
    .assert_eq(&answer(&users, &ping(DIGEST, "", "")));
    expect![[r#"
        Some("same hostname between input and output") \x95\xa4PONG\xc2\xd9&same hostname between input and output\xa0\xa0
    "#]].assert_eq(&answer(&[], r#"["PING", "kura", "", "", "", ""]"#));
    expect![[r#"
        something else where PING is to be
    "#]]
    .assert_eq(&answer(&[], r#"["PONG", "shop-1", "", "", "", ""]"#));
    expect![[r#"
        something else where PING is to be
    "#]]
    .assert_eq(&answer(&[], r#"["PING", "shop-1", "", "", ""]"#));
    expect![[r#"
        something else where a part of PING is to be
    "#]]
    .assert_eq(&answer(&[], r#"["PING", "shop-1", 1, "", "", ""]"#));
}

#[test]
fn settings_that_let_everybody_in_by_mistake_are_errors() {
    let refused = |toml: &str| {
        let settings: Settings = toml::from_str(toml).expect("settings");
        Security::new(&settings).err().map(|error| error.to_string())
    };
    assert_eq!(refused(""), None);
    expect![[r#"Some("users need a `shared_key` beside their passwords")"#]]
        .assert_eq(&format!("{:?}", refused(r#"users = { ann = "pass" }"#)));
    expect![[r#"Some("the `shared_key` is empty")"#]]
        .assert_eq(&format!("{:?}", refused(r#"shared_key = """#)));
}

#[test]
fn settings_show_no_secrets() {
    let settings: Settings = toml::from_str(
        r#"
        listen = "192.0.2.1:24224"
        shared_key = "open sesame"
        self_hostname = "kura-1"
        [users]
        ann = "pass"
        [tls]
        certificate = "cert.pem"
        key = "key.pem"
        "#,
    )
    .expect("settings");
    expect![[r#"Settings { listen: "192.0.2.1:24224", shared_key: Some("…"), users: ["ann"], self_hostname: "kura-1", tls: Some(Tls { certificate: "cert.pem", key: "key.pem" }) }"#]].assert_eq(&format!("{settings:?}"));
    assert!(toml::from_str::<Settings>("shared_kee = \"x\"").is_err());
}
