// Sends page events to Kura
function kura({ url, key, stream }) {
	url += `/api/v1/ingest/${stream}?key=${key}`
	let queue = [], left = 999, session
	try { session = sessionStorage.kura ||= '' + Math.random() } catch {}

	let flush = () => {
		let body = queue.splice(0).join('\n')
		let headers = { 'Idempotency-Key': session + Math.random() }
		let post = fail => fetch(url, { method: 'POST', body, headers, keepalive: !body[2e4] })
			.then(r => r.ok || fail(), fail)
		if (body && !(document.hidden && navigator.sendBeacon(url, body))) post(() => setTimeout(post, 3e3, () => {}))
	}
	kura.send = event => {
		if (left-- > 0 && queue.push(JSON.stringify({
			time: new Date(), level: 'info', page: location.pathname, session, ...event
		})) > 49) flush()
	}
	for (let event of ['error', 'unhandledrejection'])
		addEventListener(event, e => kura.send({ event, level: 'error', message: e.message || '' + e.reason }))
	addEventListener('visibilitychange', flush)
	setInterval(flush, 5e3)
	kura.send({ event: 'view' })
}
