/* Pages for people who are not signed in. */

import "./forms.js";

document.documentElement.classList.add("js");
