//! Identifiers that look like AWS's own, made from numbers, never from a clock or a counter.
//!
//! Everything random in a record comes from one number per event (its salt) through [`mix`], so
//! a field added to an event never shifts the values of the others.

/// A well spread number from two others (the finaliser of splitmix64).
pub fn mix(seed: u64, number: u64) -> u64 {
    let mut bits = seed ^ number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A number for a name (FNV-1a, then mixed).
pub fn named(seed: u64, name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    mix(seed, hash)
}

/// A number below `bound`, which is at least 1.
pub fn below(bits: u64, bound: usize) -> usize {
    ((u128::from(bits) * bound as u128) >> 64) as usize
}

/// Letters that IAM uses in key ids and unique ids.
pub const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Letters of session tokens.
pub const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// Letters of S3 request ids.
pub const UPPER36: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Letters of the last part of a log object's name.
pub const ALPHANUMERIC: &[u8; 62] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Hexadecimal digits.
pub const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `count` letters of `alphabet`, chosen by `bits`.
pub fn push_letters(out: &mut String, alphabet: &[u8], bits: u64, count: usize) {
    let mut rest = bits;
    for position in 0..count {
        if position % 8 == 0 {
            rest = mix(bits, position as u64);
        }
        out.push(char::from(alphabet[(rest & 0xff) as usize % alphabet.len()]));
        rest >>= 8;
    }
}

/// `count` letters of `alphabet` behind `prefix`.
pub fn letters(prefix: &str, alphabet: &[u8], bits: u64, count: usize) -> String {
    let mut text = String::with_capacity(prefix.len() + count);
    text.push_str(prefix);
    push_letters(&mut text, alphabet, bits, count);
    text
}

/// An access key id: 20 characters, `AKIA…` (long lived) or `ASIA…` (of a session).
pub fn access_key(prefix: &str, bits: u64) -> String {
    letters(prefix, BASE32, mix(bits, 1), 16)
}

/// The unique id of a user (`AIDA…`) or of a role (`AROA…`): 21 characters.
pub fn unique_id(prefix: &str, bits: u64) -> String {
    letters(prefix, BASE32, mix(bits, 2), 17)
}

/// Appends a UUID (version 4).
pub fn push_uuid(out: &mut String, bits: u64) {
    let high = (mix(bits, 1) & 0xffff_ffff_ffff_0fff) | 0x4000;
    let low = (mix(bits, 2) & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
    let all = u128::from(high) << 64 | u128::from(low);
    for digit in 0..32 {
        if matches!(digit, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(char::from(HEX[(all >> (124 - 4 * digit)) as usize & 0xf]));
    }
}

/// A UUID (version 4).
pub fn uuid(bits: u64) -> String {
    let mut text = String::with_capacity(36);
    push_uuid(&mut text, bits);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_have_the_length_aws_gives_them() {
        assert_eq!(access_key("AKIA", 7).len(), 20);
        assert_eq!(unique_id("AROA", 7).len(), 21);
        assert_eq!(uuid(7).len(), 36);
        assert_eq!(&uuid(7)[14..15], "4");
    }

    #[test]
    fn below_stays_below() {
        for bits in [0, 1, u64::MAX / 2, u64::MAX] {
            assert!(below(bits, 3) < 3);
        }
    }
}
