async def test_a_text_reaches_the_socket(clinic):
    s = await clinic.socket()
    ch = await clinic.channel()
    r = await ch.text("+12025550123", "Hello there")
    assert r.status_code == 200, r.text
    e = await s.next_event("message.created")
    print(e)
    v = await clinic.member("viewer"); 
    print((await v.get("/api/auth/me")).json())
    p = await clinic.key()
    r = await p.get(clinic.at("threads")); assert r.status_code==200; print(r.json())
