using System.Diagnostics;

namespace OsmExt.ControlPlane.Tests.Crashes;

/// <summary>State on a disk of its own, which is full.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly string _disk = Directory.CreateTempSubdirectory("osm-disk-").FullName;

    public void Dispose()
    {
        Run("umount", _disk);
        Directory.Delete(_disk, recursive: true);
    }

    [MountFact]
    public async Task What_was_there_stays_and_once_there_is_room_it_goes_on()
    {
        Run("mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", _disk);
        var state = CrashTests.Fresh(_disk);
        var before = await state.ReadAsync();
        var filler = Path.Combine(_disk, "filler");
        Fill(filler);

        Assert.ThrowsAny<IOException>(state.WriteAfter);

        // Before anybody reads, who would clear up.
        Assert.Empty(Directory.EnumerateFiles(_disk, "*.unfinished", SearchOption.AllDirectories));
        Assert.Equal(before, await state.ReadAsync());

        File.Delete(filler);
        state.WriteAfter();
        Assert.Equal("statuses a2 new2, roots 2, secret 222, rollout 2", await state.ReadAsync());
    }

    private static void Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Now it is full.
        }
    }

    private static void Run(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        process.WaitForExit();
    }
}

/// <summary>A test that mounts a disk; it is skipped where that is not allowed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MountFactAttribute : FactAttribute
{
    // CAP_SYS_ADMIN is number 21.
    public MountFactAttribute()
        => Skip = OperatingSystem.IsLinux() && (Convert.ToInt64(File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim(), 16) >> 21 & 1) == 1
            ? null : "Mounting a disk is not allowed.";
}
