import { open, accessibility, overflow, nameOf } from './lib.mjs';
const origin='http://127.0.0.1:18555';
const out='/tmp/cordon-m4/shots/';
let cookies=[];
{
  const b=await open(origin,{}); await b.page.goto(origin);
  await b.page.getByLabel('Administrator',{exact:true}).fill('anna');
  await b.page.getByLabel('Password',{exact:true}).fill('correct horse battery staple');
  await b.page.getByLabel('Password',{exact:true}).press('Enter');
  await b.page.getByRole('heading',{name:'Overview',level:1}).waitFor();
  cookies=await b.context.cookies(); await b.close();
}
for (const look of [{language:'de',theme:'dark',width:390},{language:'de',theme:'light',width:1280},{language:'en',theme:'dark',width:1280},{language:'en',theme:'light',width:390}]) {
  const b=await open(origin,{...look,cookies});
  const api=async p=>(await (await b.context.request.get(origin+'/api/v1/'+p)).json()).items;
  const person=(await api('people?search=friederike'))[0];
  const device=(await api('devices?search=friederike&state=registered'))[0];
  const wiped=(await api('devices?state=wiped'))[0];
  const bob=(await api('people?search=carla'))[0];
  const snap=async name=>{ await b.settled(); await b.page.screenshot({path:`${out}x-${name}-${nameOf(look)}.png`}); const bad=[...(await accessibility(b.page)),...(await overflow(b.page))]; if(bad.length) console.log(name,nameOf(look),bad); };
  await b.page.goto(`${origin}/people/${person.id}`); await b.page.getByRole('heading',{level:1}).waitFor(); await snap('person');
  await b.page.goto(`${origin}/people?search=f`); await b.page.getByRole('heading',{level:1}).waitFor(); await snap('people');
  await b.page.goto(`${origin}/devices?search=friederike`); await b.page.getByRole('heading',{level:1}).waitFor(); await snap('devices');
  await b.page.goto(`${origin}/devices/${device.id}`); await b.page.getByRole('heading',{level:1}).waitFor(); await snap('device');
  await b.page.goto(`${origin}/devices/${wiped.id}`); await b.page.getByRole('heading',{level:1}).waitFor(); await b.settled();
  await b.page.getByRole('button',{name:/^(Retire|Ausmustern)$/}).click(); await snap('give-up');
  const dieter=(await api('people?search=dieter'))[0];
  await b.page.goto(`${origin}/people/${dieter.id}`); await b.settled();
  await b.page.getByRole('button',{name:/^(Invite|Einladen)$/}).click(); await snap('invite-warn');
  await b.page.getByRole('button',{name:/^(Create invitation|Einladung erstellen)$/}).click(); await b.page.getByRole('img').first().waitFor(); await snap('invite-made');
  await b.page.goto(`${origin}/people/${dieter.id}`); await b.settled();
  await b.page.getByRole('button',{name:/^(More actions|Weitere Aktionen)$/}).click(); await b.page.getByRole('menuitem').first().click(); await snap('block-person');
  if (b.faults.length) console.log(nameOf(look), b.faults);
  await b.close();
}
