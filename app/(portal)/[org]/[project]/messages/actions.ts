'use server';

import { cancelMessages } from '#lib/messages/cancel-messages.ts';
import { previewMessageRun } from '#lib/messages/preview-message-run.ts';
import { releaseMessages } from '#lib/messages/release-messages.ts';
import { resendMessage } from '#lib/messages/resend-message.ts';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { defineAction } from '#app/_server/action.ts';

export const cancelMessagesAction = defineAction(cancelMessages);
export const tryMessagesNowAction = defineAction(tryMessagesNow);
export const releaseMessagesAction = defineAction(releaseMessages);
export const resendMessageAction = defineAction(resendMessage);
export const previewMessageRunAction = defineAction(previewMessageRun, { refreshes: false });
export const startMessageRunAction = defineAction(startMessageRun);
