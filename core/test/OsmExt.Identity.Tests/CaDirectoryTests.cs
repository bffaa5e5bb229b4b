using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace OsmExt.Identity.Tests;

public sealed class CaDirectoryTests : IDisposable
{
    private readonly TempDirectory _state = new();
    private readonly FakeTimeProvider _time = TestMesh.NewTime();
    private readonly RecordingLogger<CaDirectory> _log = new();

    private string CertificateFile => _state["ca/root.crt"];

    private string KeyFile => _state["ca/root.key"];

    public void Dispose() => _state.Dispose();

    [Fact]
    public void The_root_is_created_once_with_the_modes_and_contents_it_must_have()
    {
        using var created = Open();
        var files = _state.Fingerprint();
        using var loaded = Open();

        Assert.Equal(created.KeyId, loaded.KeyId);
        Assert.Equal(created.Pem, loaded.Pem);
        Assert.Equal(files, _state.Fingerprint());
        Assert.Equal("rwx------", ModeOf(_state["ca"]));
        Assert.Equal("rw-r--r--", ModeOf(CertificateFile));
        Assert.Equal("rw-------", ModeOf(KeyFile));
        Assert.Equal(["ca"], Directory.EnumerateFileSystemEntries(_state.Path).Select(Path.GetFileName));

        using var root = X509CertificateLoader.LoadCertificateFromFile(CertificateFile);
        Assert.Equal("CN=osm-ca.openservicemesh.io, O=Open Service Mesh", root.Subject);
        Assert.Equal(root.Subject, root.Issuer);
        Assert.Equal(_time.GetUtcNow().AddMinutes(-5), root.NotBefore.ToUniversalTime());
        Assert.Equal(_time.GetUtcNow().AddDays(3650), root.NotAfter.ToUniversalTime());
        Assert.Equal(16, root.SerialNumberBytes.Length);
        Assert.InRange(root.SerialNumberBytes.Span[0], 0x40, 0x7F);
        var constraints = root.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.True(constraints is { Critical: true, CertificateAuthority: true, HasPathLengthConstraint: true, PathLengthConstraint: 0 });
        var usage = root.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.True(usage is { Critical: true, KeyUsages: X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign });
    }

    [Fact]
    public async Task Processes_that_start_together_end_up_with_one_root()
    {
        for (var round = 0; round < 10; round++)
        {
            using var state = new TempDirectory();
            using var start = new Barrier(8);
            var loads = Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    using var root = new CaDirectory(state.Path, _time, _log).LoadOrCreate();
                    return root.KeyId;
                },
                TaskCreationOptions.LongRunning));

            Assert.Single((await Task.WhenAll(loads)).Distinct(StringComparer.Ordinal));
            using var later = new CaDirectory(state.Path, _time, _log).LoadOrCreate();
            Assert.Equal(["ca"], Directory.EnumerateFileSystemEntries(state.Path).Select(Path.GetFileName));
        }
    }

    [Theory]
    [InlineData("nothing but the directory")]
    [InlineData("half a key")]
    [InlineData("a key")]
    [InlineData("a key and half a certificate")]
    [InlineData("all but the renaming")]
    [InlineData("an empty ca directory")]
    public void A_crash_while_creating_leaves_nothing_that_is_used(string point)
    {
        using var abandoned = RootCertificate.Create(_time.GetUtcNow());
        var key = TestMesh.Text(abandoned.ExportKey());
        var unfinished = Directory.CreateDirectory(point is "an empty ca directory" ? _state["ca"] : _state[".ca-0123456789abcdef"]).FullName;
        if (point.Contains("key", StringComparison.Ordinal) || point.Contains("all", StringComparison.Ordinal))
        {
            File.WriteAllText(Path.Combine(unfinished, "root.key"), point is "half a key" ? key[..(key.Length / 2)] : key);
        }

        if (point.Contains("certificate", StringComparison.Ordinal) || point.Contains("all", StringComparison.Ordinal))
        {
            File.WriteAllText(Path.Combine(unfinished, "root.crt"), point.Contains("half", StringComparison.Ordinal) ? abandoned.Pem[..99] : abandoned.Pem);
        }

        using var root = Open();
        using var again = Open();

        Assert.NotEqual(abandoned.KeyId, root.KeyId);
        Assert.Equal(root.KeyId, again.KeyId);
        Assert.Equal(["ca"], Directory.EnumerateFileSystemEntries(_state.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_state_directory_that_cannot_be_made_is_an_error_that_names_it()
    {
        File.WriteAllText(_state["file"], "");
        Refused(CertificateAuthorityError.CannotCreate, _state["file/state/ca"], "Make its parent a directory", _state["file/state"]);
    }

    [Fact]
    public void A_creation_that_fails_half_way_leaves_no_key_behind()
    {
        // The clock is read when the directory is there and the files are not yet.
        var clock = new InterruptingClock(() => Directory.CreateDirectory(Path.Combine(Directory.GetDirectories(_state.Path).Single(), "root.crt")));
        var refusal = Assert.Throws<CertificateAuthorityException>(() => new CaDirectory(_state.Path, clock, _log).LoadOrCreate());
        Assert.Equal(CertificateAuthorityError.CannotCreate, refusal.Error);
        Assert.True(clock.WasRead);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_state.Path));
    }

    [Fact]
    public void A_missing_half_is_an_error_and_is_never_made_up_for()
    {
        Open().Dispose();
        foreach (var file in new[] { CertificateFile, KeyFile })
        {
            File.Move(file, _state["aside"]);
            Refused(CertificateAuthorityError.Incomplete, file, "Restore it from a backup");
            Assert.False(File.Exists(file));
            File.Move(_state["aside"], file);
        }
    }

    [Fact]
    public void What_is_there_but_cannot_be_read_is_an_error()
    {
        // Root may read every file, but nobody may read a directory as one.
        Open().Dispose();
        File.Move(CertificateFile, _state["aside"]);
        Directory.CreateDirectory(CertificateFile);
        Refused(CertificateAuthorityError.Unreadable, CertificateFile, "It must be a file of this user");
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void A_key_others_may_use_is_refused(UnixFileMode tooMuch)
    {
        Open().Dispose();
        SetMode(KeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | tooMuch);
        Refused(CertificateAuthorityError.KeyExposed, KeyFile, $"chmod 600 {KeyFile}");
    }

    [Fact]
    public void A_directory_others_may_change_is_refused()
    {
        Open().Dispose();
        SetMode(_state["ca"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupWrite);
        Refused(CertificateAuthorityError.KeyExposed, _state["ca"], $"chmod 700 {_state["ca"]}");
    }

    [Fact]
    public void A_key_of_another_certificate_is_refused()
    {
        Open().Dispose();
        using var other = RootCertificate.Create(_time.GetUtcNow());
        File.WriteAllText(KeyFile, TestMesh.Text(other.ExportKey()));
        Refused(CertificateAuthorityError.KeyMismatch, KeyFile, $"is not the key of {CertificateFile}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("no PEM")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF\n-----END PRIVATE KEY-----\n")]
    public void Garbage_is_refused_in_either_file(string garbage)
    {
        Open().Dispose();
        foreach (var file in new[] { CertificateFile, KeyFile })
        {
            var good = File.ReadAllText(file);
            File.WriteAllText(file, garbage);
            Refused(CertificateAuthorityError.InvalidPem, file, "Restore it from a backup");
            File.WriteAllText(file, good);
        }
    }

    [Fact]
    public void Two_certificates_and_a_key_of_another_kind_are_refused()
    {
        Open().Dispose();
        var certificate = File.ReadAllText(CertificateFile);
        File.WriteAllText(CertificateFile, certificate + certificate);
        Refused(CertificateAuthorityError.InvalidPem, CertificateFile, "exactly one");

        File.WriteAllText(CertificateFile, certificate);
        using var rsa = RSA.Create(2048);
        File.WriteAllText(KeyFile, rsa.ExportPkcs8PrivateKeyPem());
        Refused(CertificateAuthorityError.UnsupportedKey, KeyFile, "ECDSA P-256");
    }

    [Fact]
    public void A_certificate_that_may_not_issue_and_one_that_is_no_root_are_refused()
    {
        using var mesh = new TestMesh(_time);
        Open().Dispose();
        var leaf = mesh.Authority.Issue(TestMesh.Workload(), TestMesh.Day);
        Replace(leaf.ChainPem, TestMesh.Text(leaf.PrivateKeyPem));
        Refused(CertificateAuthorityError.NotACertificateAuthority, CertificateFile, "CA:TRUE");

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=intermediate", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        using var intermediate = mesh.Root.Sign(request, ValidityWindow.Starting(mesh.Now, TestMesh.Day));
        Replace(intermediate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
        Refused(CertificateAuthorityError.NotACertificateAuthority, CertificateFile, "Use a self-signed root");
    }

    [Fact]
    public void A_root_whose_time_is_over_or_has_not_come_is_refused_and_one_near_its_end_is_warned_of()
    {
        Open().Dispose();
        Assert.DoesNotContain(_log.Entries, entry => entry.Level >= LogLevel.Warning);

        _time.Advance(TimeSpan.FromDays(3600));
        Open().Dispose();
        Assert.Single(_log.Entries, entry => entry.Level >= LogLevel.Warning);

        _time.Advance(TimeSpan.FromDays(50));
        Refused(CertificateAuthorityError.RootExpired, CertificateFile, "2041-03-02");

        var early = new FakeTimeProvider(_time.GetUtcNow().AddDays(-3651));
        var refusal = Assert.Throws<CertificateAuthorityException>(() => new CaDirectory(_state.Path, early, _log).LoadOrCreate());
        Assert.Equal(CertificateAuthorityError.RootNotYetValid, refusal.Error);
    }

    private RootCertificate Open() => new CaDirectory(_state.Path, _time, _log).LoadOrCreate();

    private void Refused(CertificateAuthorityError error, string file, string advice, string? state = null)
    {
        var refusal = Assert.Throws<CertificateAuthorityException>(() => new CaDirectory(state ?? _state.Path, _time, _log).LoadOrCreate());
        Assert.Equal(error, refusal.Error);
        Assert.StartsWith(file + " ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(advice, refusal.Message, StringComparison.Ordinal);
    }

    private void Replace(string certificate, string key)
    {
        File.WriteAllText(CertificateFile, certificate);
        File.WriteAllText(KeyFile, key);
    }

    private static string ModeOf(string path)
    {
        var mode = OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);
        return string.Concat("rwxrwxrwx".Select((letter, index) => ((int)mode & (256 >> index)) != 0 ? letter : '-'));
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private sealed class InterruptingClock(Action interruption) : TimeProvider
    {
        public bool WasRead { get; private set; }

        public override DateTimeOffset GetUtcNow()
        {
            WasRead = true;
            interruption();
            return TestMesh.NewTime().GetUtcNow();
        }
    }
}
