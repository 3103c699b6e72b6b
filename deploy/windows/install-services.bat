@echo off
rem Installs Bellhop's two services with NSSM. Not tested; read README.md beside this file first.
set ROOT=C:\bellhop
set PYTHON=%ROOT%\.venv\Scripts\python.exe

if not exist "%ROOT%\logs" mkdir "%ROOT%\logs"

rem -- The web. Waitress takes its address here, not from HOST and PORT.
nssm install BellhopWeb "%PYTHON%" -m waitress --listen=127.0.0.1:8000 --threads=16 wsgi:app
nssm set BellhopWeb AppDirectory "%ROOT%"
nssm set BellhopWeb AppStdout "%ROOT%\logs\web.log"
nssm set BellhopWeb AppStderr "%ROOT%\logs\web.log"
nssm set BellhopWeb AppExit Default Restart

rem -- The worker. A stop sends Ctrl-C and waits for the hand-overs in progress: 120 s, longer than MAIL_DEADLINE.
nssm install BellhopWorker "%PYTHON%" celery_worker.py
nssm set BellhopWorker AppDirectory "%ROOT%"
nssm set BellhopWorker AppStdout "%ROOT%\logs\worker.log"
nssm set BellhopWorker AppStderr "%ROOT%\logs\worker.log"
nssm set BellhopWorker AppExit Default Restart
nssm set BellhopWorker AppStopMethodConsole 120000

nssm start BellhopWeb
nssm start BellhopWorker
