// What the + and − buttons make of a query.
import { describe, expect, test } from 'vitest'
import { addTerm, hasTerm, removeTerm, toggleTerm } from './edit'
import { isField, readTerms, writeTerm } from './terms'

const term = (field: string | null, value: string, exclude = false) => ({ field, value, exclude })

describe('terms', () => {
  test.each([
    [term('eventname', 'Decrypt'), 'eventname:Decrypt'],
    [term('_principal', 'arn:aws:iam::1:user/a'), '_principal:"arn:aws:iam::1:user/a"'],
    [term(null, 'two words'), '"two words"'],
    [term('useragent', 'say "hi" \\ there', true), '-useragent:"say \\"hi\\" \\\\ there"'],
    [term('errorcode', '*'), 'errorcode:*'],
    [term('x', ''), 'x:""'],
  ])('%o is written as %s and read back', (given, text) => {
    expect(writeTerm(given)).toBe(text)
    expect(readTerms(text)).toMatchObject([given])
  })

  test('what a person types half is read without failing', () => {
    for (const text of ['"open', '-', 'a:', ':', 'a:"b', '- x', '\\', '🙂:"']) readTerms(text)
    expect(readTerms('-')).toMatchObject([term(null, '-')])
  })

  test('only plain paths stand left of a colon', () => {
    expect(isField('useridentity.type')).toBe(true)
    expect(isField('aws:s3:arn')).toBe(false)
  })
})

describe('editing', () => {
  test('adding keeps what was typed and takes the opposite away', () => {
    expect(addTerm('who  -eventname:Decrypt', term('eventname', 'Decrypt'))).toBe('who eventname:Decrypt')
    expect(addTerm('eventname:Decrypt', term('eventname', 'Decrypt'))).toBe('eventname:Decrypt')
    expect(addTerm('', term('a', 'b', true))).toBe('-a:b')
  })

  test('removing takes every copy', () => {
    expect(removeTerm('a:b x a:"b" y', term('a', 'b'))).toBe('x y')
    expect(hasTerm('a:"b"', term('a', 'b'))).toBe(true)
  })

  test('toggling twice changes nothing', () => {
    const once = toggleTerm('x', term('a', 'b c'))
    expect(once).toBe('x a:"b c"')
    expect(toggleTerm(once, term('a', 'b c'))).toBe('x')
  })
})
