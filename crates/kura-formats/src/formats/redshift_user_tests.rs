//! Lines of Redshift's users in, rows out.

use expect_test::expect;

use super::*;
use crate::formats::shown::shown;
use crate::recognise::{Recognised, recognise};

const LINE: &str = "101|ann   |   |create |1|0|0| |1073|4411|Wed, 21 Oct 2020 18:01:22:345";

#[test]
fn changes_and_what_is_none() {
    let lines = [
        LINE,
        "101|bea|ann|rename|t|0|0|2027-01-01 00:00:00|1073|4412|Wed, 21 Oct 2020 18:01:23:000|later",
        "x|bea|ann|rename|1|0|0||1073|4412|Wed, 21 Oct 2020 18:01:23:000",
        "101|bea|ann",
    ];
    expect![[r#"
        3 not_an_event: no user id and time where they belong
        4 not_an_event: 3 fields, at least 11
        {"_time":"2020-10-21T18:01:22.345Z","userid":101,"username":"ann","action":"create","usecreatedb":1,"usesuper":0,"usecatupd":0,"pid":1073,"xid":4411,"recordtime":"Wed, 21 Oct 2020 18:01:22:345","_account":"111122223333","_region":"us-west-1","_resource":"ann","_id":"at-50e0103b55dba5a3","_origin":"s3://logs/key#1","_ingested":"2023-11-14T22:13:20Z","day":"2020-10-21"}
        {"_time":"2020-10-21T18:01:23Z","userid":101,"username":"bea","oldusername":"ann","action":"rename","usesuper":0,"usecatupd":0,"valuntil":"2027-01-01 00:00:00","pid":1073,"xid":4412,"recordtime":"Wed, 21 Oct 2020 18:01:23:000","_account":"111122223333","_region":"us-west-1","_resource":"bea ann","_id":"at-d54a76d6b2462b90","_origin":"s3://logs/key#2","_extra":"{\"usecreatedb\":\"t\",\"field_12\":\"later\"}","_ingested":"2023-11-14T22:13:20Z","day":"2020-10-21"}
    "#]].assert_eq(&shown(&FORMAT, &lines.join("\n")));
}

#[test]
fn first_lines_tell() {
    let Recognised::Records { format, .. } = recognise("x", LINE.as_bytes()) else {
        panic!("not known");
    };
    assert_eq!(format.name(), NAME);
}
