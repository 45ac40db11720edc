export { plain } from "../page/parts/plain.js";
