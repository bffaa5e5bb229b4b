using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace OsmExt.Identity.Tests;

public sealed class RsaKeyPoolTests : IDisposable
{
    private const int Capacity = 4;
    private readonly RecordingLogger<RsaKeyPool> _log = new();
    private readonly SemaphoreSlim _allowed = new(0);
    private readonly int _test = Environment.CurrentManagedThreadId;
    private readonly RsaKeyPool _pool;
    private Exception? _failure;
    private int _made;
    private int _aheadBegun;

    public RsaKeyPoolTests() => _pool = new(Capacity, Generate, TestMesh.NewTime(), _log);

    public void Dispose()
    {
        _pool.Dispose();
        _allowed.Release(100);
    }

    [Fact]
    public void Nothing_is_made_before_somebody_asks_and_nobody_waits_for_the_worker()
    {
        Assert.Equal((0, 0), (_made, _aheadBegun));
        using var key = _pool.Take(512, certificates: 10);
        using var second = _pool.Take(512, certificates: 10);

        // The worker is held back all the while.
        Assert.Equal((0, 2), (_pool.Count, _made));
    }

    [Fact]
    public async Task Each_key_is_given_away_once_and_replaced()
    {
        _allowed.Release(100);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var round = 0; round < 5; round++)
        {
            using (var first = _pool.Take(512, certificates: 10))
            {
                Assert.True(seen.Add(NameOf(first)));
            }

            await FilledAsync(Capacity);
            for (var taken = 0; taken < Capacity; taken++)
            {
                using var key = _pool.Take(512, certificates: 10);
                Assert.True(seen.Add(NameOf(key)));
            }
        }
    }

    [Fact]
    public async Task It_keeps_as_many_as_there_are_certificates_and_no_more_than_its_capacity()
    {
        _allowed.Release(100);
        _pool.Take(512, certificates: 2).Dispose();
        await FilledAsync(2);
        _pool.Take(512, certificates: 1000).Dispose();
        await FilledAsync(Capacity);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        Assert.Equal(Capacity, _pool.Count);

        using var none = new RsaKeyPool(0, KeyType.NewRsa, TestMesh.NewTime(), _log);
        none.Take(512, certificates: 10).Dispose();
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        Assert.Equal(0, none.Count);
    }

    [Fact]
    public async Task Asked_for_another_size_it_gives_that_and_makes_that_from_then_on()
    {
        _allowed.Release(100);
        _pool.Take(512, certificates: 10).Dispose();
        await FilledAsync(Capacity);

        using var larger = _pool.Take(1024, certificates: 10);
        Assert.Equal(1024, larger.KeySize);
        await FilledAsync(Capacity);
        for (var taken = 0; taken < Capacity; taken++)
        {
            using var key = _pool.Take(1024, certificates: 10);
            Assert.Equal(1024, key.KeySize);
        }
    }

    [Fact]
    public async Task What_it_holds_is_disposed_with_it_and_what_it_gave_away_is_not()
    {
        var made = new ConcurrentBag<RSA>();
        var pool = new RsaKeyPool(2, bits => Note(KeyType.NewRsa(bits)), TestMesh.NewTime(), _log);
        using (var taken = pool.Take(512, certificates: 2))
        {
            await Wait(() => pool.Count == 2);
            pool.Dispose();
            var kept = made.Where(key => key != taken).ToArray();
            Assert.Equal(2, kept.Length);
            Assert.All(kept, key => Assert.Throws<ObjectDisposedException>(() => key.ExportParameters(false)));
            taken.ExportParameters(false);
        }

        pool.Take(512, certificates: 2).Dispose();
        Assert.Equal(0, pool.Count);

        RSA Note(RSA key)
        {
            made.Add(key);
            return key;
        }
    }

    [Fact]
    public async Task When_no_key_can_be_made_ahead_it_says_so_and_tries_again_with_the_next()
    {
        _failure = new CryptographicException("no entropy");
        _allowed.Release(100);
        _pool.Take(512, certificates: 10).Dispose();
        await Wait(() => _log.Entries.Any(entry => entry.Level is LogLevel.Warning && entry.Text.Contains("no entropy", StringComparison.Ordinal)));
        Assert.Equal(0, _pool.Count);

        _failure = null;
        _pool.Take(512, certificates: 10).Dispose();
        await FilledAsync(Capacity);
    }

    private static string NameOf(RSA key) => Convert.ToHexString(key.ExportSubjectPublicKeyInfo());

    private static async Task Wait(Func<bool> condition)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, bound.Token);
        }
    }

    private Task FilledAsync(int count) => Wait(() => _pool.Count == count);

    // Held back unless it is the test that asks; async tests allow it before they go on in other threads.
    private RSA Generate(int bits)
    {
        if (Environment.CurrentManagedThreadId != _test)
        {
            Interlocked.Increment(ref _aheadBegun);
            _allowed.Wait();
            if (_failure is not null)
            {
                throw _failure;
            }
        }

        Interlocked.Increment(ref _made);
        return KeyType.NewRsa(bits);
    }
}
