import { readFileSync } from "node:fs";
import { join } from "node:path";
import i18next from "i18next";
import { beforeAll, describe, expect, it } from "vitest";
import en from "./en.json";
import { problemText, reasonText } from "./texts";
import vi from "./vi.json";

const rust = (path: string) => readFileSync(join(import.meta.dirname, "../../../crates", path), "utf8");

/** The table of a `name! { Variant = "text", ... }` macro call. */
function codes(path: string, macro: string, line: RegExp): string[] {
  const source = rust(path);
  const body = source.slice(source.indexOf(`\n${macro}! {`));
  return [...body.slice(0, body.indexOf("\n}\n")).matchAll(line)].map((m) => m[1] ?? "");
}

const errors = codes("kernel/src/problem.rs", "codes", /^\s+\w+ = "([a-z_]+)", \d+,/gm);
const reasons = codes("rulebook/src/decision.rs", "reasons", /^\s+\w+ = "([a-z_]+)", /gm);

/** Words with which the server says how it read a refusal of the platform. */
const refusals = [
  ...new Set(
    [...rust("outbound/src/refusals.rs").matchAll(/\bfail\("([a-z_]+)"[,)]/g)].map((m) => m[1] ?? ""),
  ),
];

type Tree = { [key: string]: string | Tree };

/** Every key with its text; plural forms count as one key. */
function flat(tree: Tree, prefix = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") out.set(prefix + key.replace(/_(one|other)$/, ""), value);
    else for (const [k, v] of flat(value, `${prefix}${key}.`)) out.set(k, v);
  }
  return out;
}

const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map((m) => m[1]).sort();

describe("the catalogues", () => {
  it("reads the server's tables", () => {
    expect(errors.length).toBeGreaterThan(30);
    expect(reasons.length).toBeGreaterThan(20);
    expect(errors).toContain("send_not_allowed");
    expect(reasons).toContain("zca_out_of_money");
    expect(refusals).toContain("window_closed");
  });

  it.each([
    ["vi", vi],
    ["en", en],
  ])("%s has a text for every error and every reason, and no text for others", (_language, catalogue) => {
    expect(Object.keys(catalogue.errors).sort()).toEqual([...errors, "network", "unexpected"].sort());
    expect(Object.keys(catalogue.reasons).sort()).toEqual([...reasons].sort());
    expect(Object.keys(catalogue.refusals).sort()).toEqual([...refusals].sort());
  });

  it("has a text for every reason of the described API", () => {
    const described = JSON.parse(
      readFileSync(join(import.meta.dirname, "../../../openapi/loa.json"), "utf8"),
    ) as { components: { schemas: { ReasonCode: { enum: string[] } } } };
    const { enum: told } = described.components.schemas.ReasonCode;
    expect(Object.keys(vi.reasons).sort()).toEqual([...told].sort());
  });

  it("says the same things in both languages, with the same parameters", () => {
    const a = flat(vi);
    const b = flat(en);
    expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
    for (const [key, text] of a)
      expect([key, placeholders(b.get(key) ?? "")]).toEqual([key, placeholders(text)]);
  });

  it("leaves no text empty and glues none together", () => {
    for (const catalogue of [vi, en]) {
      for (const [key, text] of flat(catalogue)) {
        expect([key, text.trim()]).toEqual([key, text]);
        expect([key, text]).not.toEqual([key, ""]);
      }
    }
  });

  it("has the exact words of seed 000", () => {
    const { notice, popup } = vi.composer;
    expect(notice.next_consult).toBe("Tin tiếp theo được gửi là tin tư vấn trong tháng");
    expect(notice.quota_used_up).toBe(
      "Bạn đã sử dụng hết tin tư vấn miễn phí. Tin tư vấn tiếp theo sẽ được tính phí.",
    );
    expect(notice.learn_more).toBe("Tìm hiểu thêm");
    expect(notice.locked_no_money.replace(/<\/?topup>/g, "")).toBe(
      "Bạn không thể gửi thêm tin Tư vấn đến khách hàng do đã sử dụng hết tiền trong tài khoản Zalo Cloud Account. Nạp thêm tiền Tại đây",
    );
    expect(popup).toEqual({
      failed_title: "Gửi tin nhắn không thành công.",
      // The seed prints "Úng dụng"; the slip is not repeated.
      not_linked: "Ứng dụng của bạn chưa kết nối với Zalo Cloud Account để sử dụng tính năng trả phí.",
      no_money: "Tài khoản Zalo Cloud Account đã sử dụng hết tiền. Nạp thêm tiền để tiếp tục sử dụng.",
      link: "Liên kết",
      topup: "Nạp tiền",
      cancel: "Hủy",
    });
  });
});

describe("texts of codes", () => {
  beforeAll(async () => {
    await i18next.init({
      lng: "vi",
      resources: { vi: { translation: vi }, en: { translation: en } },
      interpolation: { escapeValue: false },
    });
  });
  const now = Date.parse("2026-06-12T14:00:00+07:00");
  const text = (problem: { code: string; params?: unknown }, language: "vi" | "en" = "vi") =>
    problemText(problem, i18next.getFixedT(language), language, now);

  it("writes sizes, numbers and instants as people read them", () => {
    expect(text({ code: "file_too_large", params: { size: 3_355_443, max: 1_048_576 } })).toBe(
      "Tệp nặng 3,2 MB; Zalo nhận tối đa 1 MB cho loại này.",
    );
    expect(text({ code: "text_too_long", params: { length: 2001, max: 2000 } })).toBe(
      "Tin dài 2.001 ký tự; Zalo nhận tối đa 2.000. Hãy tách thành nhiều tin.",
    );
    expect(text({ code: "too_many_attempts", params: { retry_at: now + 20 * 60_000 } })).toBe(
      "Sai quá nhiều lần. Thử lại sau 14:20.",
    );
    expect(text({ code: "text_too_long", params: { length: 2001, max: 2000 } }, "en")).toContain("2,001");
  });

  it("calls types of files what people call them", () => {
    const allowed = ["image/jpeg", "application/pdf", "application/x-new"];
    expect(text({ code: "unsupported_file", params: { allowed } })).toBe(
      "Zalo không nhận loại tệp này. Dùng: jpg, pdf, application/x-new.",
    );
    expect(text({ code: "unsupported_file", params: { allowed: "pdf, csv" } })).toContain("pdf, csv");
  });

  it("says the decisive reason of a refused send", () => {
    const decision = {
      reasons: [
        { code: "not_follower", params: {} },
        { code: "blocked", params: {} },
      ],
    };
    expect(text({ code: "send_not_allowed", params: { decision } })).toBe(vi.reasons.blocked);
    expect(text({ code: "send_not_allowed" })).toBe(vi.errors.send_not_allowed);
  });

  it("says which limit a refused message breaks", () => {
    const reason = { code: "message_refused", params: { problem: "text_too_long", length: 2500, max: 2000 } };
    expect(reasonText(reason, i18next.getFixedT("vi"), "vi", now)).toContain("2.500");
  });

  it("says the server's reading of a refusal, else the platform's words", () => {
    const refused = (reason: string) =>
      text({
        code: "platform_refused",
        params: { platform_code: -217, platform_message: "user block", reason },
      });
    expect(refused("blocked")).toBe(vi.refusals.blocked);
    expect(refused("other")).toBe("Zalo từ chối với mã -217: user block");
    expect(refused("a_new_word")).toBe("Zalo từ chối với mã -217: user block");
  });

  it("has words for a code of a newer server", () => {
    expect(text({ code: "not_invented_yet" })).toBe(vi.errors.unexpected);
  });
});
