import { page } from '@cordon/kit/vite';

export default page({ proxy: { '/api': process.env.CORDON_PORTAL ?? 'http://127.0.0.1:8080' } });
