/* How many texts a body makes: the twin of text_parts in app/kit/format.py. No DOM here. */

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("^{}\\[~]|€\f");

/** Return [how many texts, whether a letter outside the phone alphabet makes each of them shorter]. */
export function textParts(body) {
  if (!body) return [0, false];
  let length = 0;
  for (const letter of body) {
    if (!BASIC.has(letter) && !EXTENDED.has(letter)) {
      return [body.length <= 70 ? 1 : Math.ceil(body.length / 67), true];
    }
    length += EXTENDED.has(letter) ? 2 : 1;
  }
  return [length <= 160 ? 1 : Math.ceil(length / 153), false];
}

/** Return the composer's line: "1 text", "2 texts · emoji makes texts shorter". */
export function lengthLine(body) {
  const [parts, wide] = textParts(body);
  if (!parts) return "";
  return `${parts} ${parts === 1 ? "text" : "texts"}${wide ? " · emoji makes texts shorter" : ""}`;
}

/** Put what is known into the places of a saved reply; places nobody knows stay as they are, to be seen and filled. */
export function fillTokens(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] || place);
}
