/** What helps, where it is the same for many reasons. */
export const MEND_EN = "The software of the sender has to be mended; this server keeps to the standard here.";
export const MEND_DE =
  "Die Software des Absenders muss berichtigt werden; dieser Server hält sich hier an den Standard.";
export const LATER_EN = "Nothing needs to be done: the sending server tries again by itself.";
export const LATER_DE = "Es ist nichts zu tun: Der sendende Server versucht es von selbst noch einmal.";
export const OPERATOR_EN = "The operator of this server finds more in its log, under the id of the session.";
export const OPERATOR_DE =
  "Der Betreiber dieses Servers findet mehr im Protokoll, unter der Kennung der Sitzung.";
