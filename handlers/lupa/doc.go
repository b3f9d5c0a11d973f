// Package lupa speaks the API that LupaSearch clients speak, under /v1. Lupa calls an engine an index; here the word
// is index on the wire and in the names of routes, and engine below.
//
// Who asks is proven by the header X-Lupa-Api-Key (a key) or by "Authorization: Bearer" (a login token); where both
// are sent the key counts and nothing else is looked at. A key is never tried as a token, nor a token as a key. Public
// routes look at no credential at all.
//
// What Lupa's documentation leaves open is decided so:
//
//   - Errors are {"success":false,"errors":{"message":"…"}}; what is wrong with several fields is one message. Invalid
//     input and conflicts are 400, which PHP clients show with our words; there is no 409 and no 422. A missing
//     permission is 403. What is foreign is 404, with the same bytes as what is missing. Every refusal of a key, be it
//     unknown, revoked or expired, is the same 401.
//   - Success is 200 everywhere, also for creating and deleting, and always has a JSON body.
//   - Unknown members of a body are refused where they could widen what somebody gets (login, API keys) and ignored
//     elsewhere.
//   - API keys made here are private keys. "permissions" lists what a custom key may do and is shown for such keys
//     only. "access" and "restrictIndexScope" must be said on create and PUT; PATCH keeps what it does not name. PUT
//     must say "expiration" where the key has one.
//     Keys that were made elsewhere are listed too: a search key shows access "read", an admin key "custom", and both
//     carry the extra member "type", which no key made here has. A revoked key is gone: 404, not listed.
//   - A request has at most 64 KB, with documents 10 MB and 10,000 of them (413). JSON may be nested 32 deep (400) and hold
//     20,000 names and values, with documents 2,000,000 (413).
//   - Whoever loses what proved them, or some of their rights, while the body of a request is on its way or while it is
//     worked on, is refused.
//   - "expiration" takes ISO 8601 or epoch milliseconds and shows ISO 8601.
//   - Documents that are refused while others of the same import are stored stand in "errors", the first 100 of them,
//     with their number in "failed"; if all are refused the answer is 400 and names the first three.
//   - A configuration may say only what is honoured. A key that asks for something else is refused by its name, unless
//     its value asks for nothing (null, false, empty, "enabled": false): Lupa's plug-ins always send those. A condition
//     of its filters that lacks a value is refused; one of a public request is left out.
//   - A public query shows the fields of selectFields and, on demand, of selectableFields; all of them if it says
//     neither. It filters by filterableFields only, and sorts by what it shows, filters or sorts by itself. "total" is
//     exact. A page has at most 250 items.
//   - Mistakes in a configuration that only a search brings to light are told to the public with debugMode only.
package lupa
