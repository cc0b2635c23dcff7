import { notifications } from "@mantine/notifications";

/** Say that something went wrong, without taking the focus. */
export function notifyProblem(message: string): void {
  notifications.show({ message, color: "red", autoClose: 8_000, withBorder: true });
}

/** Say that something is done. */
export function notifyDone(message: string): void {
  notifications.show({ message, autoClose: 3_000, withBorder: true });
}
