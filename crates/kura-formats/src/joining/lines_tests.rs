//! Lines in, events out.

use expect_test::{Expect, expect};

use super::tests::shown;
use super::*;

/// What becomes of the lines of `said`, each a record of one container.
fn events(languages: &[Language], said: &str) -> String {
    let rules = JoinRules { multiline: languages.to_vec(), ..JoinRules::default() };
    let record = |line: &str| {
        let line = crate::json::quoted(line);
        format!("{{\"log\":{line},\"container_id\":\"c\"}}")
    };
    let records: Vec<String> = said.lines().map(record).collect();
    shown(&rules, &format!("{}\n@9", records.join("\n")))
}

#[track_caller]
fn check(languages: &[Language], said: &str, expected: &Expect) {
    expected.assert_eq(&events(languages, said));
}

const JAVA: &str = "starting
Exception in thread \"main\" java.lang.IllegalStateException: out of stock
\tat com.shop.Cart.add(Cart.java:12)
\tat com.shop.Main.main(Main.java:3)
Caused by: com.shop.NoSuchItem: \"tea\"
\tat com.shop.Store.find(Store.java:40)
\t... 2 more
\tSuppressed: java.io.IOException
\t\tat com.shop.Store.close(Store.java:50)
going on
2026-11-20 ERROR c.s.Cart - failed: java.lang.NullPointerException
    at com.shop.Cart.add(Cart.java:12)
com.shop.OutOfStock: none left
and the second line of the message
\tat com.shop.Cart.add(Cart.java:13)
\tat com.shop.Cart.add(Cart.java:14)
done";

const PYTHON: &str = "ERROR:root:failed
Traceback (most recent call last):
  File \"shop.py\", line 3, in add
    return items[key]
KeyError: 'tea'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File \"shop.py\", line 9, in <module>
    add()
ValueError: no tea
INFO:root:going on
  + Exception Group Traceback (most recent call last):
  |   File \"shop.py\", line 1, in <module>
  | ExceptionGroup: two (1 sub-exception)
  +-+---------------- 1 ----------------
    | ValueError: a
    +------------------------------------
done";

const GO: &str = "listening
panic: runtime error: index out of range [5] with length 3 [recovered]
\tpanic: again

goroutine 1 [running]:
main.(*Cart).Add(0xc000012345, {0x1, 0x2})
\t/src/cart.go:8 +0x1d
created by main.main in goroutine 1
\t/src/main.go:4 +0x20
exit status 2
listening";

const NODE: &str = "listening on :3000
/app/index.js:3
  throw new Error('no tea');
  ^

TypeError [ERR_X]: no tea
    at Object.<anonymous> (/app/index.js:3:9)
    at node:internal/main:1:2 {
  code: 'ERR_X',
  [cause]: Error: none
      at f (/app/b.js:1:1)
}

Node.js v22.1.0
listening
Error: plain
    at f (/app/b.js:1:1)
done";

const DOTNET: &str = "Unhandled exception. System.InvalidOperationException: no tea
 ---> Shop.OutOfStockException: none
   at Shop.Store.Find(String name) in /src/Store.cs:line 40
   --- End of inner exception stack trace ---
   at Shop.Cart.Add() in /src/Cart.cs:line 12
fail: Shop.Cart[0]
      no tea
      System.Exception: none
         at Shop.Cart.Add()
info: Shop.Cart[0]
      going on
done";

const RUBY: &str = "shop.rb:3:in `add': no tea (RuntimeError)
\tfrom shop.rb:7:in `block in <main>'
\tfrom shop.rb:9:in `<main>'
going on
ActiveRecord::RecordNotFound (Couldn't find Tea):
  
app/models/tea.rb:3:in `find'
app/controllers/teas.rb:9:in `show'
done";

#[test]
fn traces_of_java() {
    check(
        &[Language::Java],
        JAVA,
        &expect![[r#"
            [1] 1000 {"log":"starting","container_id":"c"}
            [2, 3, 4, 5, 6, 7, 8, 9] 2000 {"log":"Exception in thread \"main\" java.lang.IllegalStateException: out of stock\n\tat com.shop.Cart.add(Cart.java:12)\n\tat com.shop.Main.main(Main.java:3)\nCaused by: com.shop.NoSuchItem: \"tea\"\n\tat com.shop.Store.find(Store.java:40)\n\t... 2 more\n\tSuppressed: java.io.IOException\n\t\tat com.shop.Store.close(Store.java:50)","container_id":"c"}
            [10] 10000 {"log":"going on","container_id":"c"}
            [11, 12] 11000 {"log":"2026-11-20 ERROR c.s.Cart - failed: java.lang.NullPointerException\n    at com.shop.Cart.add(Cart.java:12)","container_id":"c"}
            [13] 13000 {"log":"com.shop.OutOfStock: none left","container_id":"c"}
            [14] 14000 {"log":"and the second line of the message","container_id":"c"}
            [15, 16] 15000 {"log":"\tat com.shop.Cart.add(Cart.java:13)\n\tat com.shop.Cart.add(Cart.java:14)","container_id":"c"}
            [17] 17000 {"log":"done","container_id":"c"}
        "#]],
    );
}

#[test]
fn traces_of_python() {
    check(
        &[Language::Python],
        PYTHON,
        &expect![[r#"
            [1] 1000 {"log":"ERROR:root:failed","container_id":"c"}
            [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] 2000 {"log":"Traceback (most recent call last):\n  File \"shop.py\", line 3, in add\n    return items[key]\nKeyError: 'tea'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File \"shop.py\", line 9, in <module>\n    add()\nValueError: no tea","container_id":"c"}
            [13] 13000 {"log":"INFO:root:going on","container_id":"c"}
            [14, 15, 16, 17, 18, 19] 14000 {"log":"  + Exception Group Traceback (most recent call last):\n  |   File \"shop.py\", line 1, in <module>\n  | ExceptionGroup: two (1 sub-exception)\n  +-+---------------- 1 ----------------\n    | ValueError: a\n    +------------------------------------","container_id":"c"}
            [20] 20000 {"log":"done","container_id":"c"}
        "#]],
    );
}

#[test]
fn panics_of_go() {
    check(
        &[Language::Go],
        GO,
        &expect![[r#"
            [1] 1000 {"log":"listening","container_id":"c"}
            [2, 3, 4, 5, 6, 7, 8, 9, 10] 2000 {"log":"panic: runtime error: index out of range [5] with length 3 [recovered]\n\tpanic: again\n\ngoroutine 1 [running]:\nmain.(*Cart).Add(0xc000012345, {0x1, 0x2})\n\t/src/cart.go:8 +0x1d\ncreated by main.main in goroutine 1\n\t/src/main.go:4 +0x20\nexit status 2","container_id":"c"}
            [11] 11000 {"log":"listening","container_id":"c"}
        "#]],
    );
}

#[test]
fn errors_of_node() {
    check(
        &[Language::Node],
        NODE,
        &expect![[r#"
            [1] 1000 {"log":"listening on :3000","container_id":"c"}
            [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14] 2000 {"log":"/app/index.js:3\n  throw new Error('no tea');\n  ^\n\nTypeError [ERR_X]: no tea\n    at Object.<anonymous> (/app/index.js:3:9)\n    at node:internal/main:1:2 {\n  code: 'ERR_X',\n  [cause]: Error: none\n      at f (/app/b.js:1:1)\n}\n\nNode.js v22.1.0","container_id":"c"}
            [15] 15000 {"log":"listening","container_id":"c"}
            [16, 17] 16000 {"log":"Error: plain\n    at f (/app/b.js:1:1)","container_id":"c"}
            [18] 18000 {"log":"done","container_id":"c"}
        "#]],
    );
}

#[test]
fn exceptions_of_dotnet() {
    check(
        &[Language::Dotnet],
        DOTNET,
        &expect![[r#"
            [1, 2, 3, 4, 5] 1000 {"log":"Unhandled exception. System.InvalidOperationException: no tea\n ---> Shop.OutOfStockException: none\n   at Shop.Store.Find(String name) in /src/Store.cs:line 40\n   --- End of inner exception stack trace ---\n   at Shop.Cart.Add() in /src/Cart.cs:line 12","container_id":"c"}
            [6, 7, 8, 9] 6000 {"log":"fail: Shop.Cart[0]\n      no tea\n      System.Exception: none\n         at Shop.Cart.Add()","container_id":"c"}
            [10, 11] 10000 {"log":"info: Shop.Cart[0]\n      going on","container_id":"c"}
            [12] 12000 {"log":"done","container_id":"c"}
        "#]],
    );
}

#[test]
fn exceptions_of_ruby() {
    check(
        &[Language::Ruby],
        RUBY,
        &expect![[r#"
            [1, 2, 3] 1000 {"log":"shop.rb:3:in `add': no tea (RuntimeError)\n\tfrom shop.rb:7:in `block in <main>'\n\tfrom shop.rb:9:in `<main>'","container_id":"c"}
            [4] 4000 {"log":"going on","container_id":"c"}
            [5, 6, 7, 8] 5000 {"log":"ActiveRecord::RecordNotFound (Couldn't find Tea):\n  \napp/models/tea.rb:3:in `find'\napp/controllers/teas.rb:9:in `show'","container_id":"c"}
            [9] 9000 {"log":"done","container_id":"c"}
        "#]],
    );
}

/// With all rules in use, each language's traces are the same as with its own alone.
#[test]
fn rules_do_not_stand_in_each_others_way() {
    let traces = [JAVA, PYTHON, GO, NODE, DOTNET, RUBY];
    for (language, said) in Language::ALL.into_iter().zip(traces) {
        assert_eq!(events(&Language::ALL, said), events(&[language], said), "{language:?}");
    }
}

#[test]
fn events_are_of_one_container_and_output_and_records_between_end_them() {
    let rules = JoinRules { multiline: vec![Language::Java], ..JoinRules::default() };
    expect![[r#"
        [3] 3000 {"container_id":"a","source":"stdout","log":"going on"}
        [1, 5] 1000 {"container_id":"a","source":"stderr","log":"java.lang.Error: 1\n\tat a.A.a(A.java:1)\n"}
        [6] 6000 {"container_id":"a","source":"stderr","level":"no line"}
        [7] 7000 {"container_id":"a","source":"stderr","log":"\tat a.A.a(A.java:2)\\n"}
        [8] 8000 {"container_id":"a","source":"stderr","log":"\tat a.A.a(A.java:3)","kura_cut":true}
        [9, 11] 9000 java.lang.Error: 3
        	at c.C.c(C.java:1)
        [12] 12000 {"log":"\tat is.an.Object(O.java:1)"}
        [13] 13000 {"broken
        [2, 4] 2000 {"container_id":"b","source":"stderr","log":"java.lang.Error: 2\n\tat b.B.b(B.java:1)\r\n"}
        [10] 10000 	at of.another.Stream(S.java:1)
        [14] 14000 	at c.C.c(C.java:2)
    "#]]
    .assert_eq(&shown(
        &rules,
        r#"{"container_id":"a","source":"stderr","log":"java.lang.Error: 1\n"}
        {"container_id":"b","source":"stderr","log":"java.lang.Error: 2\r\n"}
        {"container_id":"a","source":"stdout","log":"going on"}
        {"container_id":"b","source":"stderr","log":"\tat b.B.b(B.java:1)\r\n"}
        {"container_id":"a","source":"stderr","log":"\tat a.A.a(A.java:1)\n"}
        {"container_id":"a","source":"stderr","level":"no line"}
        {"container_id":"a","source":"stderr","log":"\tat a.A.a(A.java:2)\\n"}
        {"container_id":"a","source":"stderr","log":"\tat a.A.a(A.java:3)","kura_cut":true}
        java.lang.Error: 3
        t|	at of.another.Stream(S.java:1)
        	at c.C.c(C.java:1)
        {"log":"\tat is.an.Object(O.java:1)"}
        {"broken
        	at c.C.c(C.java:2)
        @9"#,
    ));
}

#[test]
fn an_event_ends_after_a_while_or_at_a_cap_as_far_as_it_came() {
    let rules = JoinRules {
        multiline: vec![Language::Java],
        record_bytes_max: 120,
        parts_max: 3,
        ..JoinRules::default()
    };
    expect![[r#"
        [1, 2, 3] 1000 {"log":"java.lang.Error: slow\n\tat a.A.a(A.java:1)\n\tat a.A.a(A.java:2)"}
        [4, 5, 6] 3001000 {"log":"\tat a.A.a(A.java:3)\n\tat a.A.a(A.java:4)\n\tat a.A.a(A.java:5)","kura_unjoined":"too_many"}
        [7] 3004000 {"log":"\tat a.A.a(A.java:6)"}
        [8] 3005000 {"log":"java.lang.Error: a message that is quite long, and longer","kura_unjoined":"too_long"}
        [9, 10] 3006000 {"log":"\tat a.a.long.package.and.a.longer.one.A.a(A.java:7)\n\tat a.A.a(A.java:8)"}
        [11] 3008000 {"log":"java.lang.Error: a message that is far too long for anything to be joined to it, ever, and then some more of it"}
        [12] 3009000 {"log":"end"}
    "#]]
    .assert_eq(&shown(
        &rules,
        r#"{"log":"java.lang.Error: slow"}
        {"log":"\tat a.A.a(A.java:1)"}
        @1
        {"log":"\tat a.A.a(A.java:2)"}
        @3
        {"log":"\tat a.A.a(A.java:3)"}
        {"log":"\tat a.A.a(A.java:4)"}
        {"log":"\tat a.A.a(A.java:5)"}
        {"log":"\tat a.A.a(A.java:6)"}
        {"log":"java.lang.Error: a message that is quite long, and longer"}
        {"log":"\tat a.a.long.package.and.a.longer.one.A.a(A.java:7)"}
        {"log":"\tat a.A.a(A.java:8)"}
        {"log":"java.lang.Error: a message that is far too long for anything to be joined to it, ever, and then some more of it"}
        {"log":"end"}"#,
    ));
}

#[test]
fn a_line_that_came_in_parts_begins_an_event() {
    let rules = JoinRules { multiline: vec![Language::Java], ..JoinRules::default() };
    expect![[r#"
        [1, 2, 3] 1000 {"container_id":"a","log":"java.lang.Error: a long message\n\tat a.A.a(A.java:1)"}
        [4] 4000 {"container_id":"a","log":"end"}
    "#]]
    .assert_eq(&shown(
        &rules,
        r#"{"container_id":"a","log":"java.lang.Error: a long ","partial_id":"p","partial_ordinal":1}
        {"container_id":"a","log":"message","partial_id":"p","partial_ordinal":2,"partial_last":true}
        {"container_id":"a","log":"\tat a.A.a(A.java:1)"}
        {"container_id":"a","log":"end"}"#,
    ));
}

#[test]
fn rules_of_ones_own() {
    let rules = |section: &str| toml::from_str::<JoinRules>(section).expect("settings");
    let said = "BEGIN 1\n  a\nb\nBEGIN 2\n  c\n@9";
    expect![[r#"
        [1, 2, 3] 1000 BEGIN 1
          a
        b
        [4, 5] 4000 BEGIN 2
          c
    "#]]
    .assert_eq(&shown(&rules("[[rule]]\nbegins = '^BEGIN'"), said));
    expect![[r#"
        [1, 2] 1000 BEGIN 1
          a
        [3] 3000 b
        [4, 5] 4000 BEGIN 2
          c
    "#]]
    .assert_eq(&shown(&rules("[[rule]]\ncontinues = '^ '"), said));
    expect![[r#"
        [1] 1000 BEGIN 1
        [2] 2000   a
        [3] 3000 b
        [4, 5] 4000 BEGIN 2
          c
    "#]]
    .assert_eq(&shown(&rules("[[rule]]\nbegins = '^BEGIN 2'\ncontinues = '^ '"), said));
}
