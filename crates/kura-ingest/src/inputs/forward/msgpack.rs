//! MessagePack value by value: what the first bytes of a value say of it. A declared length is
//! only ever a number here: nothing is allocated by it.

use rmp::Marker;

use super::Invalid;

/// What a value is, and how much of it follows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Head {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Single(f32),
    Double(f64),
    /// So many bytes follow.
    Text(u32),
    Bytes(u32),
    /// So many values follow.
    List(u32),
    /// So many pairs of a key and a value follow.
    Map(u32),
    /// Its type, and how many bytes follow.
    Ext(i8, u32),
}

impl Head {
    /// How many values of its own follow it.
    pub(super) fn values(self) -> u64 {
        match self {
            Head::List(count) => count.into(),
            Head::Map(count) => 2 * u64::from(count),
            _ => 0,
        }
    }

    /// How many bytes follow it that are no values.
    pub(super) fn payload(self) -> u32 {
        match self {
            Head::Text(length) | Head::Bytes(length) | Head::Ext(_, length) => length,
            _ => 0,
        }
    }
}

/// Reads values from bytes, one behind the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { rest: bytes }
    }

    /// Bytes not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next value's head; what follows it is to be read by whoever asked.
    #[inline]
    pub(super) fn head(&mut self) -> Result<Head, Invalid> {
        let (&first, rest) = self.rest.split_first().ok_or(Invalid::Cut)?;
        self.rest = rest;
        Ok(match Marker::from_u8(first) {
            Marker::Null => Head::Nil,
            Marker::True => Head::Bool(true),
            Marker::False => Head::Bool(false),
            Marker::FixPos(number) => Head::Unsigned(number.into()),
            Marker::FixNeg(number) => Head::Signed(number.into()),
            Marker::U8 => Head::Unsigned(self.u8()?.into()),
            Marker::U16 => Head::Unsigned(self.u16()?.into()),
            Marker::U32 => Head::Unsigned(self.u32()?.into()),
            Marker::U64 => Head::Unsigned(u64::from_be_bytes(self.array()?)),
            Marker::I8 => Head::Signed(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => Head::Signed(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => Head::Signed(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => Head::Signed(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Head::Single(f32::from_be_bytes(self.array()?)),
            Marker::F64 => Head::Double(f64::from_be_bytes(self.array()?)),
            Marker::FixStr(length) => Head::Text(length.into()),
            Marker::Str8 => Head::Text(self.u8()?.into()),
            Marker::Str16 => Head::Text(self.u16()?.into()),
            Marker::Str32 => Head::Text(self.u32()?),
            Marker::Bin8 => Head::Bytes(self.u8()?.into()),
            Marker::Bin16 => Head::Bytes(self.u16()?.into()),
            Marker::Bin32 => Head::Bytes(self.u32()?),
            Marker::FixArray(count) => Head::List(count.into()),
            Marker::Array16 => Head::List(self.u16()?.into()),
            Marker::Array32 => Head::List(self.u32()?),
            Marker::FixMap(count) => Head::Map(count.into()),
            Marker::Map16 => Head::Map(self.u16()?.into()),
            Marker::Map32 => Head::Map(self.u32()?),
            Marker::FixExt1 => self.ext(1)?,
            Marker::FixExt2 => self.ext(2)?,
            Marker::FixExt4 => self.ext(4)?,
            Marker::FixExt8 => self.ext(8)?,
            Marker::FixExt16 => self.ext(16)?,
            Marker::Ext8 => {
                let length = self.u8()?.into();
                self.ext(length)?
            }
            Marker::Ext16 => {
                let length = self.u16()?.into();
                self.ext(length)?
            }
            Marker::Ext32 => {
                let length = self.u32()?;
                self.ext(length)?
            }
            Marker::Reserved => return Err(Invalid::NotMessagePack),
        })
    }

    /// What follows the head of a text, of bytes, or of an extension.
    #[inline]
    pub(super) fn take(&mut self, length: u32) -> Result<&'a [u8], Invalid> {
        let (taken, rest) = self.rest.split_at_checked(length as usize).ok_or(Invalid::Cut)?;
        self.rest = rest;
        Ok(taken)
    }

    /// The bytes of a text; of bytes as well, since old senders write one for the other.
    pub(super) fn text(&mut self, what: &'static str) -> Result<&'a [u8], Invalid> {
        match self.head()? {
            Head::Text(length) | Head::Bytes(length) => self.take(length),
            _ => Err(Invalid::Unexpected(what)),
        }
    }

    /// Steps over a value, however deep, and says what its bytes are.
    pub(super) fn skip(&mut self) -> Result<&'a [u8], Invalid> {
        let from = self.rest;
        let mut left = 1_u64;
        while left > 0 {
            let head = self.head()?;
            self.take(head.payload())?;
            left = (left - 1).saturating_add(head.values());
        }
        from.get(..from.len() - self.rest.len()).ok_or(Invalid::Cut)
    }

    fn ext(&mut self, length: u32) -> Result<Head, Invalid> {
        Ok(Head::Ext(i8::from_be_bytes(self.array()?), length))
    }

    fn u8(&mut self) -> Result<u8, Invalid> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Result<u16, Invalid> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, Invalid> {
        self.array().map(u32::from_be_bytes)
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], Invalid> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(Invalid::Cut)?;
        self.rest = rest;
        Ok(*head)
    }
}
