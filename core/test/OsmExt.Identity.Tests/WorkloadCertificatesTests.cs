using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;

namespace OsmExt.Identity.Tests;

public sealed class WorkloadCertificatesTests : IDisposable
{
    private static readonly WorkloadIdentity Store = TestMesh.Workload();
    private static readonly WorkloadIdentity Buyer = TestMesh.Workload("bookbuyer");

    private readonly FakeTimeProvider _time = TestMesh.NewTime();
    private readonly RecordingLogger<WorkloadCertificates> _log = new();
    private readonly ConcurrentQueue<(WorkloadIdentity Identity, RotationEpoch Epoch)> _issued = new();
    private readonly WorkloadCertificates _certificates;
    private Exception? _failure;

    public WorkloadCertificatesTests()
    {
        _certificates = new(Issue, _time, _log);
        _certificates.Start();
    }

    private DateTimeOffset Now => _time.GetUtcNow();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task A_certificate_is_issued_once_for_each_identity_and_epoch_however_many_ask()
    {
        using var start = new Barrier(8);
        var callers = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Enumerable.Range(0, 200).Select(index => Get(TestMesh.Workload($"workload-{index % 50}"))).ToList();
            },
            TaskCreationOptions.LongRunning));
        var answers = await Task.WhenAll(callers);

        Assert.Equal(50, _issued.Count);
        Assert.All(answers.SelectMany(answer => answer), certificate => Assert.Same(Get(certificate.Identity), certificate));
    }

    [Fact]
    public async Task Over_two_years_every_proxy_that_follows_the_announcements_holds_a_certificate_with_a_third_of_its_time_left()
    {
        var step = TimeSpan.FromMinutes(8);
        var workloads = new (WorkloadIdentity Identity, TimeSpan Validity)[]
        {
            (TestMesh.Workload("short"), TimeSpan.FromHours(1)), (Store, TestMesh.Day), (Buyer, TestMesh.Day),
            (TestMesh.Workload("long"), TimeSpan.FromDays(90)), (TestMesh.Workload("year"), TimeSpan.FromDays(365)),
        };
        var validities = workloads.ToDictionary(workload => workload.Identity, workload => workload.Validity);
        var held = workloads.ToDictionary(workload => workload.Identity, workload => _certificates.Get(workload.Identity, workload.Validity));
        await using var replaced = new Announcements(_certificates);
        var next = replaced.NextAsync();
        var announced = _issued.Count;

        for (var end = Now.AddDays(730); Now < end;)
        {
            _time.Advance(step);
            while (announced < _issued.Count)
            {
                foreach (var identity in await next)
                {
                    held[identity] = _certificates.Get(identity, validities[identity]);
                    announced++;
                }

                next = replaced.NextAsync();
            }

            foreach (var (identity, certificate) in held)
            {
                Assert.True(certificate.NotBefore < Now && certificate.NotAfter - Now > (validities[identity] / 3) - step);
            }
        }

        // Each rotation was one issue, none was skipped, and asking while an epoch lasts issued nothing.
        foreach (var (identity, validity) in workloads)
        {
            var epochs = _issued.Where(issued => issued.Identity == identity).Select(issued => issued.Epoch.Index).ToList();
            Assert.Equal(Enumerable.Range(0, epochs.Count).Select(offset => epochs[0] + offset), epochs);
            Assert.InRange(epochs.Count, (int)(TimeSpan.FromDays(730) / (validity * 2 / 3)), (int)(TimeSpan.FromDays(730) / (validity * 2 / 3)) + 2);
        }
    }

    [Fact]
    public void Real_certificates_overlap_from_epoch_to_epoch()
    {
        using var mesh = new TestMesh(_time);
        using var certificates = new WorkloadCertificates(mesh.Authority.Issue, _time, _log);
        certificates.Start();
        X509Certificate2? previous = null;
        for (var rotation = 0; rotation < 200; rotation++)
        {
            var issued = certificates.Get(Store, TestMesh.Day);
            var leaf = X509Certificate2.CreateFromPem(issued.ChainPem);
            Assert.True(leaf.NotBefore.ToUniversalTime() < Now && leaf.NotAfter.ToUniversalTime() - Now > TimeSpan.FromHours(8));
            Assert.True(previous is null || previous.NotAfter.ToUniversalTime() - Now >= TimeSpan.FromHours(8));
            previous?.Dispose();
            previous = leaf;
            _time.Advance(certificates.NextRotation!.Value - Now);
        }

        previous?.Dispose();
    }

    [Fact]
    public async Task Replacements_are_announced_once_merged_and_sorted_also_when_somebody_asked_before_the_check()
    {
        await using var replaced = new Announcements(_certificates);
        Get(Store);
        Get(Buyer);
        var next = replaced.NextAsync();
        Assert.False(next.IsCompleted);

        _time.Advance(TimeSpan.FromHours(16));
        Assert.Equal(new[] { Buyer, Store }.ToEquatableArray(), await next);

        next = replaced.NextAsync();
        Assert.False(next.IsCompleted);
        _certificates.Get(Store, TimeSpan.FromHours(1));
        Assert.Equal(new[] { Store }.ToEquatableArray(), await next);
    }

    [Fact]
    public void When_issuing_fails_the_certificate_stays_while_it_is_valid_and_tries_grow_apart()
    {
        var first = Get(Store);
        _failure = new InvalidOperationException("issuer is down");
        _time.Advance(_certificates.NextRotation!.Value - Now);
        var tries = new List<TimeSpan>();
        var failing = Now;
        while (first.NotAfter > Now)
        {
            Assert.Same(first, Get(Store));
            Assert.True(_certificates.NextRotation > Now - WorkloadCertificates.CheckInterval);
            tries.Add(Now - failing);
            _time.Advance(WorkloadCertificates.CheckInterval);
        }

        var attempts = _log.Entries.Count(entry => entry.Level is LogLevel.Warning && entry.Text.Contains("issuer is down", StringComparison.Ordinal));
        Assert.InRange(attempts, 8 * 60 / 5, (8 * 60 / 5) + 10);
        var refusal = Assert.Throws<CertificateAuthorityException>(() => Get(Store));
        Assert.Equal(CertificateAuthorityError.NotIssued, refusal.Error);
        Assert.Same(_failure, refusal.InnerException);

        _failure = null;
        _time.Advance(RotatingCertificate<WorkloadCertificate>.LongestRetry);
        var recovered = Get(Store);
        Assert.NotEqual(first.Version, recovered.Version);
        Assert.True(recovered.NotAfter > Now);
    }

    [Fact]
    public void An_issuer_that_gives_certificates_of_another_time_is_not_asked_over_and_over()
    {
        var asked = 0;
        using var certificates = new WorkloadCertificates(
            (identity, epoch, _) =>
            {
                asked++;
                return new(identity, "chain\n", new SecretBytes("key"u8), epoch.End, epoch.End + epoch.Validity, "future");
            },
            _time,
            _log);
        for (var call = 0; call < 10; call++)
        {
            Assert.Throws<CertificateAuthorityException>(() => certificates.Get(Store, TestMesh.Day));
        }

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task An_identity_whose_first_certificate_failed_is_announced_when_it_has_one()
    {
        await using var replaced = new Announcements(_certificates);
        var next = replaced.NextAsync();
        _failure = new InvalidOperationException("issuer is down");
        Assert.Throws<CertificateAuthorityException>(() => Get(Store));
        for (var asked = 0; asked < 100; asked++)
        {
            Assert.Throws<CertificateAuthorityException>(() => Get(Store));
        }

        Assert.Single(_log.Entries, entry => entry.Level is LogLevel.Error);
        _failure = null;
        _time.Advance(WorkloadCertificates.CheckInterval);
        Assert.Equal(new[] { Store }.ToEquatableArray(), await next);
        Assert.Equal(Get(Store), Get(Store));
    }

    [Fact]
    public void Another_validity_replaces_the_certificate_and_keeps_it_when_that_fails()
    {
        var first = Get(Store);
        _failure = new InvalidOperationException("issuer is down");
        Assert.Same(first, _certificates.Get(Store, TimeSpan.FromHours(1)));
        _failure = null;
        _time.Advance(WorkloadCertificates.CheckInterval);
        Assert.Equal(TimeSpan.FromHours(1) + ValidityWindow.SkewAllowance, LifetimeOf(_certificates.Get(Store, TimeSpan.FromHours(1))));
    }

    [Fact]
    public void Identities_no_longer_wanted_are_forgotten_and_never_come_back_by_themselves()
    {
        Get(Store);
        Get(Buyer);
        _certificates.Retain(new[] { Store }.ToFrozenSet());
        Assert.NotNull(_certificates.NextRotation);
        _certificates.Retain(new[] { Store }.ToFrozenSet());
        var before = _issued.Count;

        _time.Advance(TimeSpan.FromHours(17));
        Assert.Equal([Store], _issued.Skip(before).Select(issued => issued.Identity));
        Get(Buyer);
        Assert.Equal(before + 2, _issued.Count);

        _certificates.Retain(FrozenSet<WorkloadIdentity>.Empty);
        _certificates.Retain(FrozenSet<WorkloadIdentity>.Empty);
        Assert.Null(_certificates.NextRotation);
    }

    [Fact]
    public void Who_asked_since_the_last_retain_is_kept_once_more()
    {
        Get(Store);
        _certificates.Retain(FrozenSet<WorkloadIdentity>.Empty);
        var asked = Get(Store);
        _certificates.Retain(FrozenSet<WorkloadIdentity>.Empty);
        Assert.Same(asked, Get(Store));
        Assert.Single(_issued);
    }

    [Fact]
    public void A_clock_that_was_wrong_and_is_set_back_leaves_no_certificate_from_the_future()
    {
        var right = Now;
        var clock = new AdjustableClock(right.AddDays(40));
        using var certificates = new WorkloadCertificates(Issue, clock, _log);
        Assert.True(certificates.Get(Store, TestMesh.Day).NotBefore > right);

        clock.Now = right;
        var certificate = certificates.Get(Store, TestMesh.Day);
        Assert.True(certificate.NotBefore < right && right < certificate.NotAfter);
    }

    private static TimeSpan LifetimeOf(WorkloadCertificate certificate) => certificate.NotAfter - certificate.NotBefore;

    private WorkloadCertificate Get(WorkloadIdentity identity) => _certificates.Get(identity, TestMesh.Day);

    private WorkloadCertificate Issue(WorkloadIdentity identity, RotationEpoch epoch, KeyType key)
    {
        if (_failure is not null)
        {
            throw _failure;
        }

        _issued.Enqueue((identity, epoch));
        return new(identity, "chain\n", new SecretBytes("key"u8), epoch.Window.NotBefore, epoch.Window.NotAfter, $"{epoch.Validity}/{epoch.Index}");
    }

    /// <summary>Reads announcements one at a time, and stops the pending read when disposed.</summary>
    private sealed class Announcements : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IAsyncEnumerator<EquatableArray<WorkloadIdentity>> _batches;
        private Task _pending = Task.CompletedTask;

        public Announcements(WorkloadCertificates certificates) => _batches = certificates.ReadReplacedAsync(_stop.Token).GetAsyncEnumerator();

        public Task<EquatableArray<WorkloadIdentity>> NextAsync()
        {
            var next = ReadAsync();
            _pending = next;
            return next.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _batches.DisposeAsync();
            _stop.Dispose();
        }

        private async Task<EquatableArray<WorkloadIdentity>> ReadAsync()
        {
            Assert.True(await _batches.MoveNextAsync());
            return _batches.Current;
        }
    }

    private sealed class AdjustableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
