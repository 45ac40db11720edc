/** The one function of abcjs that draws; its own types are those of all of it, sounds from afar among them. */
declare module "abcjs/src/api/abc_tunebook_svg.js" {
  const renderAbc: (place: HTMLElement, text: string, how?: Record<string, any>) => any[];
  export default renderAbc;
}
