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
    expect![[""]].assert_eq(&helo(false));
    expect![[""]].assert_eq(&helo(true));
}

#[test]
fn who_knows_the_key_is_let_in() {
    let ping = |digest: &str, name: &str, password: &str| {
        format!(r#"["PING", "shop-1", "{SALT}", "{digest}", "{name}", "{password}"]"#)
    };
    let upper = DIGEST.to_uppercase();
    expect![[""]].assert_eq(&answer(&[], &ping(DIGEST, "", "")));
    expect![[""]].assert_eq(&answer(&[], &ping(&upper, "", "")));
    expect![[""]].assert_eq(&answer(&[], &ping("", "", "")));
    expect![[""]].assert_eq(&answer(&[], &ping(&DIGEST[..127], "", "")));
    let users = [("ann", "pass"), ("bob", "")];
    expect![[""]].assert_eq(&answer(&users, &ping(DIGEST, "ann", PASSWORD)));
    expect![[""]].assert_eq(&answer(&users, &ping(DIGEST, "bob", PASSWORD)));
    expect![[""]].assert_eq(&answer(&users, &ping(DIGEST, "eve", PASSWORD)));
    expect![[""]].assert_eq(&answer(&users, &ping(DIGEST, "", "")));
    expect![[""]].assert_eq(&answer(&[], r#"["PING", "kura", "", "", "", ""]"#));
    expect![[""]].assert_eq(&answer(&[], r#"["PONG", "shop-1", "", "", "", ""]"#));
    expect![[""]].assert_eq(&answer(&[], r#"["PING", "shop-1", "", "", ""]"#));
    expect![[""]].assert_eq(&answer(&[], r#"["PING", "shop-1", 1, "", "", ""]"#));
}

#[test]
fn settings_that_let_everybody_in_by_mistake_are_errors() {
    let refused = |toml: &str| {
        let settings: Settings = toml::from_str(toml).expect("settings");
        Security::new(&settings).err().map(|error| error.to_string())
    };
    assert_eq!(refused(""), None);
    expect![[""]].assert_eq(&format!("{:?}", refused(r#"users = { ann = "pass" }"#)));
    expect![[""]].assert_eq(&format!("{:?}", refused(r#"shared_key = """#)));
}

#[test]
fn settings_show_no_secrets() {
    let settings: Settings = toml::from_str(
        r#"
        listen = "0.0.0.0:24224"
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
    expect![[""]].assert_eq(&format!("{settings:?}"));
    assert!(toml::from_str::<Settings>("shared_kee = \"x\"").is_err());
}
