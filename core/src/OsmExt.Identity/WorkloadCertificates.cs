using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity;

/// <summary>Issues the certificate of an epoch, for a new key; may throw.</summary>
internal delegate WorkloadCertificate WorkloadCertificateIssuer(WorkloadIdentity identity, RotationEpoch epoch, KeyType key);

/// <summary>
/// The current certificate of every workload identity that was asked for and is still wanted. Issues on demand, replaces at the
/// end of each epoch, and tells which identities have a new certificate.
/// </summary>
internal sealed partial class WorkloadCertificates(WorkloadCertificateIssuer issue, TimeProvider time, ILogger<WorkloadCertificates> logger) : IDisposable
{
    private readonly ConcurrentDictionary<WorkloadIdentity, Entry> _entries = new();
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<WorkloadIdentity> _replaced = [];
    private ITimer? _timer;

    /// <summary>
    /// How often due certificates are looked for. Epochs end by the wall clock while timers count from their start, so that only
    /// looking often notices a clock that was set or a machine that slept.
    /// </summary>
    public static TimeSpan CheckInterval { get; } = TimeSpan.FromSeconds(5);

    /// <summary>A shorter validity counts as this one.</summary>
    public TimeSpan ShortestValidity { get; init; } = RotationSchedule.ShortestValidity;

    /// <summary>When the next certificate is due, or null when there is none.</summary>
    public DateTimeOffset? NextRotation => _entries.Values.Min(entry => entry.Certificate.Due);

    /// <summary>How many identities there are certificates for.</summary>
    public int Count => _entries.Count;

    /// <summary>Starts to replace certificates unasked.</summary>
    public void Start()
    {
        _timer ??= time.CreateTimer(static state => ((WorkloadCertificates)state!).RenewDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        WaitForNextCheck();
    }

    /// <summary>The identity's certificate for the current epoch, or the previous one when issuing fails.</summary>
    /// <param name="identity">A workload of our trust domain.</param>
    /// <param name="validity">As configured; the last one asked for holds.</param>
    /// <param name="key">As configured; the last one asked for holds.</param>
    /// <exception cref="CertificateAuthorityException">None could be issued, and there is no valid one from before.</exception>
    public WorkloadCertificate Get(WorkloadIdentity identity, TimeSpan validity, KeyType key = default)
    {
        var renewal = EntryOf(identity, key).Certificate.Renew(RotationSchedule.For(identity.SpiffeId, validity, ShortestValidity));
        if (Report(identity, renewal))
        {
            Announce();
        }

        return renewal.Certificate ?? throw new CertificateAuthorityException(
            CertificateAuthorityError.NotIssued, $"There is no valid certificate for {identity}. Issuing is tried again at {renewal.Due:u}.", renewal.Failure);
    }

    /// <summary>The issuer changed: whoever asks next gets a certificate by the new one.</summary>
    public void Supersede()
    {
        foreach (var entry in _entries.Values)
        {
            entry.Certificate.Supersede();
        }
    }

    /// <summary>
    /// Forgets every other identity, except those asked for since the last call: whoever asked for them may not be among the
    /// wanted yet. Those asked for again later get a certificate of equal version.
    /// </summary>
    public void Retain(IReadOnlySet<WorkloadIdentity> wanted)
    {
        foreach (var (identity, entry) in _entries)
        {
            if (entry.TryForget(wanted.Contains(identity)))
            {
                _entries.TryRemove(new(identity, entry));
            }
        }
    }

    /// <summary>
    /// The identities whose certificate was replaced since the last batch, sorted. A slow reader gets one batch with all of them.
    /// For one reader.
    /// </summary>
    public async IAsyncEnumerable<EquatableArray<WorkloadIdentity>> ReadReplacedAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var _ in _signal.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            var batch = TakeReplaced();
            if (!batch.IsEmpty)
            {
                yield return batch;
            }
        }
    }

    public void Dispose() => _timer?.Dispose();

    private Entry EntryOf(WorkloadIdentity identity, KeyType key)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(identity, static (owner, self) => new Entry(owner, self.issue, self.time), (issue, time));
            if (entry.TryAsk(key))
            {
                return entry;
            }

            // Forgotten at this very moment; whoever did so is about to remove it.
            _entries.TryRemove(new(identity, entry));
        }
    }

    // Once only: the next wait begins when a check is over, so that checks never overlap.
    private void WaitForNextCheck() => _timer?.Change(CheckInterval, Timeout.InfiniteTimeSpan);

    private void RenewDue()
    {
        var anyReplaced = false;
        foreach (var (identity, entry) in _entries)
        {
            anyReplaced |= Report(identity, entry.Certificate.Renew());
        }

        // After all of them, so that what one check replaces is one batch.
        if (anyReplaced)
        {
            Announce();
        }

        WaitForNextCheck();
    }

    /// <returns>Whether there is a certificate to announce.</returns>
    private bool Report(WorkloadIdentity identity, Renewal<WorkloadCertificate> renewal)
    {
        switch (renewal)
        {
            case { Outcome: RenewalOutcome.First, Certificate: { } certificate }:
                Log.Issued(logger, identity, certificate.Version, certificate.NotAfter);
                break;
            case { Outcome: RenewalOutcome.Replaced, Certificate: { } certificate }:
                Log.Replaced(logger, identity, certificate.Version, certificate.NotAfter);
                NoteReplaced(identity);
                break;
            case { Outcome: RenewalOutcome.Failed, Certificate: { } previous }:
                Log.PreviousKept(logger, identity, previous.NotAfter, renewal.Due, renewal.Failure);
                break;
            case { Outcome: RenewalOutcome.Failed }:
                Log.NotIssued(logger, identity, renewal.Due, renewal.Failure);
                break;
        }

        return renewal.Outcome is RenewalOutcome.Replaced;
    }

    private void NoteReplaced(WorkloadIdentity identity)
    {
        lock (_replaced)
        {
            _replaced.Add(identity);
        }
    }

    private void Announce() => _signal.Writer.TryWrite(true);

    private EquatableArray<WorkloadIdentity> TakeReplaced()
    {
        lock (_replaced)
        {
            var batch = _replaced.Order().ToEquatableArray();
            _replaced.Clear();
            return batch;
        }
    }

    private sealed class Entry
    {
        private readonly Lock _gate = new();
        private bool _asked;
        private bool _forgotten;
        private volatile int _rsaBits;

        public Entry(WorkloadIdentity identity, WorkloadCertificateIssuer issue, TimeProvider time)
            => Certificate = new(epoch => issue(identity, epoch, new(_rsaBits)), certificate => new(certificate.NotBefore, certificate.NotAfter), time);

        public RotatingCertificate<WorkloadCertificate> Certificate { get; }

        /// <summary>Notes that somebody asked, and for what key; false when it was forgotten before.</summary>
        public bool TryAsk(KeyType key)
        {
            lock (_gate)
            {
                _asked = !_forgotten;
                if (_rsaBits != key.RsaBits)
                {
                    // In this order, so that whatever is being issued meanwhile for the old key is replaced.
                    _rsaBits = key.RsaBits;
                    Certificate.Supersede();
                }

                return _asked;
            }
        }

        /// <summary>Forgets it unless it is wanted, or somebody asked since the last call.</summary>
        public bool TryForget(bool wanted)
        {
            lock (_gate)
            {
                _forgotten |= !_asked && !wanted;
                _asked = false;
                return _forgotten;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4010, LogLevel.Debug, "Issued a certificate for {Identity}, version {Version}, valid until {NotAfter}.")]
        public static partial void Issued(ILogger logger, WorkloadIdentity identity, string version, DateTimeOffset notAfter);

        [LoggerMessage(4011, LogLevel.Debug, "Replaced the certificate for {Identity}, version {Version}, valid until {NotAfter}.")]
        public static partial void Replaced(ILogger logger, WorkloadIdentity identity, string version, DateTimeOffset notAfter);

        [LoggerMessage(4012, LogLevel.Warning, "The certificate for {Identity} could not be replaced. It stays until {NotAfter}; next try at {RetryAt}.")]
        public static partial void PreviousKept(
            ILogger logger, WorkloadIdentity identity, DateTimeOffset notAfter, DateTimeOffset retryAt, Exception? exception);

        [LoggerMessage(4013, LogLevel.Error, "No certificate could be issued for {Identity}, and it has none that is valid. Next try at {RetryAt}.")]
        public static partial void NotIssued(ILogger logger, WorkloadIdentity identity, DateTimeOffset retryAt, Exception? exception);
    }
}
