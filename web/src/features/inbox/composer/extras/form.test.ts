import { describe, expect, it } from "vitest";
import { type ActionForm, emptyForm, type Form, faultsOf, type TemplateLimits, templateOf } from "./form";

const limits: TemplateLimits = {
  cards_min: 1,
  cards_max: 5,
  title_max: 10,
  subtitle_max: 20,
  first_needs_subtitle: true,
  first_needs_picture: false,
  buttons_min: 0,
  buttons_max: 5,
  query_max: 10,
  sms_max: 5,
};

const action = (type: ActionForm["type"], value = "", phone = ""): ActionForm => ({ type, value, phone });
const card = (over: Partial<Form["cards"][number]> = {}) => ({
  title: "Khuyến mãi",
  subtitle: "Giảm 20 %",
  image: "",
  action: action("none"),
  ...over,
});

describe("the forms of templates", () => {
  it("begin with as much as is needed", () => {
    expect(emptyForm(limits)).toMatchObject({ cards: [{ title: "" }], buttons: [] });
    expect(emptyForm({ ...limits, cards_min: 0, buttons_min: 1 })).toMatchObject({
      cards: [],
      buttons: [{ action: { type: "open_url" } }],
    });
  });

  it.each<[string, Partial<Form["cards"][number]>, Record<string, string>]>([
    ["sound", {}, {}],
    ["without a title", { title: " " }, { "cards.0.title": "required" }],
    [
      "with a long title, by characters and not by bytes",
      { title: "ế".repeat(11) },
      { "cards.0.title": "length" },
    ],
    ["without the second line", { subtitle: "" }, { "cards.0.subtitle": "required" }],
    ["with a picture that is no address", { image: "shop.vn/a.jpg" }, { "cards.0.image": "address" }],
    [
      "with a bad link",
      { action: action("open_url", "javascript:alert(1)") },
      { "cards.0.action": "address" },
    ],
    ["with nothing to say", { action: action("say", " ") }, { "cards.0.action": "required" }],
    ["with too much to say", { action: action("say", "x".repeat(11)) }, { "cards.0.action": "length" }],
    ["with a number", { action: action("call", "", "0912 345 678") }, {}],
    ["with no number", { action: action("call", "", "gọi tôi") }, { "cards.0.action": "phone" }],
    ["with a long SMS", { action: action("sms", "dài quá", "0912345678") }, { "cards.0.action": "length" }],
  ])("find what is wrong with a card %s", (_name, over, want) => {
    const form = { text: "", cards: [card(over)], buttons: [] };
    expect(faultsOf("list", form, limits, 0)).toEqual(want);
  });

  it("ask for a text beside buttons and for nothing else of other kinds", () => {
    const form = {
      text: "",
      cards: [],
      buttons: [{ title: "Xem", action: action("open_url", "https://a.vn") }],
    };
    expect(faultsOf("buttons", form, limits, 2000)).toEqual({ text: "required" });
    expect(faultsOf("list", form, limits, 0)).toEqual({});
  });

  it("become what the server takes", () => {
    const form: Form = {
      text: "Chào",
      cards: [card({ title: " A ", subtitle: "", image: " https://a.vn/1.jpg " })],
      buttons: [{ title: "Gọi", action: action("call", "", "0912345678") }],
    };
    expect(templateOf("list", form)).toEqual({
      kind: "list",
      cards: [{ title: "A", subtitle: undefined, image_url: "https://a.vn/1.jpg", action: undefined }],
      buttons: [{ title: "Gọi", action: { type: "call", phone: "0912345678" } }],
    });
    expect(templateOf("buttons", form).cards).toEqual([]);
    expect(templateOf("request_info", form).buttons).toEqual([]);
  });
});
